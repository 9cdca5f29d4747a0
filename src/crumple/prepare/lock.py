"""A folder is one process's while photos are prepared into it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from crumple.errors import CrumpleError


@contextmanager
def only_preparer(folder: Path) -> Iterator[None]:
    """Keep other processes on this machine from preparing into `folder`, which is made if need be.

    Folders that were made for nothing go again. The lock goes with the process, however it ends. Where the system has
    no such locks (Windows), nothing is kept out.

    Raises CrumpleError if another process prepares there.
    """
    made = list(takewhile(lambda path: not path.exists(), (folder, *folder.parents)))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _locked(folder):
            yield
    finally:
        for path in made:
            with suppress(OSError):  # in use
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
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CrumpleError(
                f"{folder}: another process prepares there; wait for it, or give another --out"
            ) from None
        yield
    finally:
        os.close(handle)
