"""A folder of photos is one process's while it collects."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crumple.errors import CrumpleError


@contextmanager
def only_collector(folder: Path) -> Iterator[None]:
    """Keep other processes on this machine from collecting into `folder`, which is made if need be.

    The lock goes with the process, however it ends. Where the system has no such locks (Windows), nothing is kept out.

    Raises: CrumpleError if another process collects there.
    """
    folder.mkdir(parents=True, exist_ok=True)
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
