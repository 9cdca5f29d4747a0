"""The folder that a command writes to, and why it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crumple.errors import CrumpleError


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Tell in one line why `folder` cannot be written to; that a file is in the way, before any work is done."""
    try:
        for path in (folder, *folder.parents):
            if path.exists() and not path.is_dir():
                raise CrumpleError(f"{path}: is a file, not a folder; give another --out")
        yield
    except OSError as error:
        where = error.filename or folder
        raise CrumpleError(f"{where}: cannot be written: {error.strerror or error}; give another --out") from error
