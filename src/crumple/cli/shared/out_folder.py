"""The folder that a command writes to, and why it cannot."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crumple.errors import CrumpleError


def check_out(folder: Path) -> None:
    """Tell in one line, before any work is done, that a file is in the way or that nothing may be written there."""
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise CrumpleError(f"{path}: is a file, not a folder; give another --out")
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise CrumpleError(f"{nearest}: cannot be written: no permission; give another --out")


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Tell in one line why `folder` cannot be written to: at once where that can be seen, else when it is tried."""
    try:
        check_out(folder)
        yield
    except OSError as error:
        where = error.filename or folder
        raise CrumpleError(f"{where}: cannot be written: {error.strerror or error}; give another --out") from error
