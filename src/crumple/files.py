"""Reading and writing files: nothing half-written is ever left behind, and a broken file says so in one line."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from crumple.errors import ModelError

# Reading the umask means setting it: once, before there are threads.
_UMASK = os.umask(0)
os.umask(_UMASK)


@contextmanager
def write_aside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block ends well, delete it when it does not.

    The temporary file keeps the suffix, because writers such as OpenCV choose the format by it.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
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


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """All arrays of an .npz file.

    Raises: ModelError if there is no such file or it is not a whole .npz.
    """
    try:
        with np.load(path) as arrays:
            return dict(arrays)
    except OSError as error:
        raise ModelError(f"{path}: cannot read weights: {error.strerror or error}") from error
    except (ValueError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise ModelError(f"{path}: cannot read weights: not a whole .npz file ({error})") from error
