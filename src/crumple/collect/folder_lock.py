"""A folder of photos is one process's while it collects."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from crumple.errors import CrumpleError


@contextmanager
def only_collector(folder: Path) -> Iterator[None]:
    """Keep other processes on this machine from collecting into `folder`, which is made, and if left empty goes again.

    The lock goes with the process, however it ends. Where the system has no such locks (Windows), nothing is kept out.

    Raises: CrumpleError if another process collects there.
    """
    made = list(takewhile(lambda path: not path.exists(), (folder, *folder.parents)))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder):
            yield
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise CrumpleError(f"{folder}: another process collects there; wait for it, or give another --out") from None
    try:
        yield
    finally:
        os.close(handle)
