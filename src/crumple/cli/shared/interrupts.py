"""Ctrl-C as a wish to finish in order."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts(say: Callable[[str], None], words: str) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop, answered by saying `words`; the second one ends the run at once."""
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say(words)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)
