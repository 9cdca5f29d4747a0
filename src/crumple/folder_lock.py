"""A folder that one process at a time may work in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from crumple.errors import CrumpleError


@contextmanager
def only_process(
    folder: Path,
    does: str,
    error: type[CrumpleError] = CrumpleError,
    instead: str = "wait for it, or give another --out",
) -> Iterator[None]:
    """Keep other processes on this machine from working in `folder`, which is made, and if left empty goes again.

    The lock goes with the process, however it ends. Where the system has no such locks (Windows), nothing is kept out.

    Args:
        does: what the other process does there, as "trains here".
        instead: what to do if there is one.

    Raises: `error` if another process is at work there.
    """
    made = list(takewhile(lambda path: not path.exists(), (folder, *folder.parents)))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder, f"{folder}: another process {does}; {instead}", error):
            yield
    finally:
        for path in made:
            with suppress(OSError):  # in use
                path.rmdir()


@contextmanager
def _locked(folder: Path, taken: str, error: type[CrumpleError]) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise error(taken) from None
        yield
    finally:
        os.close(handle)
