"""How far a run is, and how it is told to stop: for the workers of this process, which are threads that Beam owns.

Beam does not stop its threads when the run is interrupted. Whoever cleans up after it calls `stop_workers` first, so
that nothing is written behind his back, and nothing runs on while Python shuts down.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 30.0  # seconds for the work in hand to end

_lock = threading.Lock()
_stopped = False
_in_hand = 0
_photos = 0


class Stopped(Exception):
    """The run is over; what is left of it need not be done."""


@contextmanager
def in_hand(photos: int = 0) -> Iterator[None]:
    """A piece of work on so many photos. Raises Stopped instead of beginning it once `stop_workers` was called."""
    global _in_hand, _photos
    with _lock:
        if _stopped:
            raise Stopped("the run was stopped")
        _in_hand += 1
    try:
        yield
    finally:
        with _lock:
            _in_hand -= 1
            _photos += photos


def photos_done() -> int:
    """Photos that this process has prepared in this run. Workers in other processes or machines are not seen here."""
    return _photos


def start_workers() -> None:
    """Before a run: let work begin, and count from 0."""
    global _stopped, _photos
    with _lock:
        _stopped, _photos = False, 0


def stop_workers() -> None:
    """After a run, however it ended: no new work begins, and what is in hand has ended (or 30 s are over)."""
    global _stopped
    with _lock:
        _stopped = True
    end = time.monotonic() + PATIENCE
    while _in_hand and time.monotonic() < end:
        time.sleep(0.01)
