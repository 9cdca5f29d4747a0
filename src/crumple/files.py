"""Reading and writing files: nothing half-written is ever left behind, and a broken file says so in one line."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

import numpy as np

from crumple.errors import CrumpleError, DataError, ModelError

# Reading the umask means setting it: once, before there are threads.
_UMASK = os.umask(0)
os.umask(_UMASK)


@contextmanager
def write_aside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well, delete it when it does not.

    Folders on the way to `path` are made; those that were made for nothing go again. The temporary file keeps the
    suffix, because writers such as OpenCV choose the format by it.
    """
    target = Path(path)
    with _folder(target.parent):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}.", suffix=target.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            # mkstemp makes the file private; give it the permissions an ordinary open() would have given.
            temporary.chmod(0o666 & ~_UMASK)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Make a folder and those above it; if the block fails, those it made go again, unless they are in use."""
    made = list(takewhile(lambda path: not path.exists(), (folder, *folder.parents)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        raise


def as_path(value: object, wanted: str, error: type[CrumpleError]) -> Path:
    """`value` as a path. Raises `error`, saying "`wanted`, not ...", if it is none, or "", of which Path makes "."."""
    if isinstance(value, str | os.PathLike) and value != "":
        with suppress(TypeError):  # a path-like that gives bytes
            return Path(value)
    raise error(f"{wanted}, not {'an empty text' if isinstance(value, str) else type(value).__name__}")


def read_text(path: Path, *, missing: str, unreadable: str, not_text: str, folder: str | None = None) -> str:
    """The UTF-8 text of a file, without a byte order mark.

    Raises DataError of one line that names the file, in the words for what is wrong. unreadable: what to do about it;
    the system's reason is put before it, and so it is of a folder without words of its own.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: {missing}") from None
    except OSError as error:
        own = folder if isinstance(error, IsADirectoryError) else None
        raise DataError(f"{path}: {own or f'cannot be read: {error.strerror}; {unreadable}'}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: {not_text}") from None


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """All arrays of an .npz file.

    Raises: ModelError if there is no such file or it is not a whole .npz.
    """
    try:
        with np.load(path) as arrays:
            return dict(arrays)
    except OSError as error:
        raise ModelError(f"{path}: cannot read weights: {error.strerror or error}; check the path") from error
    except (ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise ModelError(
            f"{path}: cannot read weights: not a whole .npz file ({error}); copy or make it again"
        ) from error


def file_sha256(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
