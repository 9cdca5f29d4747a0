"""Which frames of a source are looked at: never more than asked for, and of a live source always the newest one."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crumple.watch.source import Frame, Source

WAIT = 0.1  # seconds between two looks at whether to stop


@dataclass
class Tally:
    """What became of the source's frames.

    read: all that came. beyond_rate: left out because more were not asked for. overtaken: left out because a newer one
    came while an earlier one was being looked at. damaged: could not be decoded.
    """

    read: int = 0
    beyond_rate: int = 0
    overtaken: int = 0
    damaged: int = 0


class Slots:
    """The first moment in each 1/`rate` of a second."""

    def __init__(self, rate: float) -> None:
        self._rate, self._last = rate, -1

    def take(self, seconds: float) -> bool:
        slot = int(seconds * self._rate + 0.02)  # times come rounded: 0.2999 is 0.3
        if slot <= self._last:
            return False
        self._last = slot
        return True


def wanted(source: Source, rate: float, tally: Tally) -> Iterator[Frame]:
    """At most `rate` frames of each second of the source, one after the other, however long it takes."""
    slots = Slots(rate)
    while source.advance():
        tally.read += 1
        if not slots.take(source.seconds):
            tally.beyond_rate += 1
            continue
        rgb = source.picture()
        if rgb is None:
            tally.damaged += 1
        else:
            yield Frame(source.number, source.seconds, rgb)


def newest(
    source: Source, rate: float, tally: Tally, stop: Callable[[], bool], *, paced: bool = False
) -> Iterator[Frame]:
    """The newest frame each time one is asked for, at most `rate` a second: what is late is left out, not queued.

    A thread reads the source. It ends with the source, or once `stop` says so.

    Args:
        paced: hold the source back to its own times, as a file does not do by itself.
    """
    with _Reader(source, rate, tally, paced) as reader:
        while not stop():
            frame = reader.take(WAIT)
            if frame is not None:
                yield frame
            elif reader.ended:
                return


class _Reader:
    """The thread that reads, and the one place where it leaves the newest frame."""

    def __init__(self, source: Source, rate: float, tally: Tally, paced: bool) -> None:
        self._frames = wanted(source, rate, tally)
        self._tally, self._paced = tally, paced
        self._left: Frame | None = None
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._finished = False
        self._trouble: Exception | None = None
        self._thread = threading.Thread(target=self._read, name="crumple-frames", daemon=True)

    def __enter__(self) -> "_Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(10)  # longer than a network stream may keep it

    @property
    def ended(self) -> bool:
        """No frame is left and none will come."""
        return self._finished and self._left is None

    def take(self, seconds: float) -> Frame | None:
        """The newest frame that was not taken yet, waiting up to `seconds` for it. Raises what stopped the thread."""
        with self._changed:
            if self._left is None and not self._finished:
                self._changed.wait(seconds)
            if self._trouble is not None:
                raise self._trouble
            frame, self._left = self._left, None
            return frame

    def _read(self) -> None:
        start = time.monotonic()
        try:
            for frame in self._frames:
                late = frame.seconds - (time.monotonic() - start)
                if self._closed.wait(max(0.0, late) if self._paced else 0.0):
                    return
                with self._changed:
                    self._tally.overtaken += self._left is not None
                    self._left = frame
                    self._changed.notify()
        except Exception as error:
            self._trouble = error
        finally:
            with self._changed:
                self._finished = True
                self._changed.notify()
