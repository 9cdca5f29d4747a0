"""One door to files: a folder on this machine, in gs:// or s3://, or in memory://, with the same few verbs.

A file is written whole or not at all. Names are relative to the folder, with "/" between their parts, as in
"images/car.jpg"; hidden files (a leading dot in the last part) are the folder's own business and never listed.
Local folders need no package; the others need fsspec with gcsfs (extra: gcp) or s3fs (extra: s3).
"""

import errno
import logging
import os
import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from crumple.errors import CrumpleError, MissingExtraError
from crumple.files import write_aside

EXTRAS = {"gs": "gcp", "s3": "s3", "memory": "dev"}  # scheme -> the extra that brings its file system
PACKAGES = {"gs": "gcsfs", "s3": "s3fs", "memory": "fsspec"}
KINDS = "a local folder, gs://... or s3://..."

# gcsfs warns at every request, of missing credentials for one; where nobody handles that, Python would print it.
logging.getLogger("gcsfs").addHandler(logging.NullHandler())


class StorageError(CrumpleError):
    """A place that cannot be read or written: what, where, and what its service said."""


def open_folder(place: str | os.PathLike[str]) -> "Folder":
    """The folder at a path or URL; nothing is made or read yet.

    Raises: StorageError for another kind of URL, MissingExtraError if the package for it is not installed.
    """
    text = os.fspath(place)
    if not text:
        raise StorageError(f"an empty path is no folder; give {KINDS}")
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):/", text)
    if scheme is None:
        return LocalFolder(Path(text))
    if scheme[1] not in EXTRAS:
        raise StorageError(f"{text}: files in {scheme[1]}:// are not supported; give {KINDS}")
    if not re.match(r"[a-z0-9]+://[^/]+", text):
        raise StorageError(f"{text}: names no bucket; give {KINDS}")
    return RemoteFolder(text, scheme[1])


class Folder(ABC):
    """A folder of files. `str(folder)` is its path or URL, as for messages."""

    path: Path | None = None  # where it lies on this machine, if it does

    def __truediv__(self, name: str) -> "Folder":
        """The folder `name` below this one."""
        return open_folder(self.where(name))

    @abstractmethod
    def where(self, name: str) -> str:
        """Path or URL of a file. Raises StorageError for a name that would lead out of the folder."""

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """A file, to be read and closed by the caller. Raises FileNotFoundError if there is none."""

    @abstractmethod
    def create(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Context manager: a binary file to write to, which becomes `name` when the block ends well, and only then."""

    @abstractmethod
    def append(self, name: str, data: bytes) -> None:
        """Add to the end of a file, made if need be: all of `data` or nothing.

        Local, this takes as long as `data` is; object stores have no such thing, there the file is written anew.
        Only one process may append to a file.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a file; fine if there is none."""

    @abstractmethod
    def sizes(self, under: str = "") -> dict[str, int]:
        """Bytes of every file in the folder, or in the folder `under` in it, by name, sorted; {} if there is none."""

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError if there is none."""
        with self.open(name) as file:
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a file, in place of one that is there."""
        with self.create(name) as file:
            file.write(data)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        try:
            self.open(name).close()
        except (FileNotFoundError, IsADirectoryError):
            return False
        return True


class LocalFolder(Folder):
    """A folder on this machine, made with the first file."""

    def __init__(self, path: Path) -> None:
        self.path: Path = path

    def __str__(self) -> str:
        return str(self.path)

    def where(self, name: str) -> str:
        return str(self.path / _checked(name))

    def open(self, name: str) -> IO[bytes]:
        return Path(self.where(name)).open("rb")

    @contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        with write_aside(self.where(name)) as path, path.open("wb") as file:
            yield file

    def append(self, name: str, data: bytes) -> None:
        path = Path(self.where(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except BaseException:
                with suppress(OSError):
                    file.truncate(before)  # on a full disk part of it may have been written
                raise

    def delete(self, name: str) -> None:
        Path(self.where(name)).unlink(missing_ok=True)

    def sizes(self, under: str = "") -> dict[str, int]:
        top = Path(self.where(under)) if under else self.path
        found = {}
        for folder, _, files in os.walk(top, onerror=_unless_missing):
            for file in files:
                path = Path(folder, file)
                with suppress(FileNotFoundError):  # deleted meanwhile
                    if not file.startswith("."):
                        found[path.relative_to(self.path).as_posix()] = path.stat().st_size
        return dict(sorted(found.items()))


class RemoteFolder(Folder):
    """A folder in an object store, through fsspec. url: with its scheme, one of EXTRAS."""

    def __init__(self, url: str, scheme: str) -> None:
        self.url = url.rstrip("/")
        try:
            import fsspec

            with self._telling("be opened", url):
                # Listings are asked for when they are wanted, and another process may have written since.
                self.files, self.root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        except ImportError as error:
            raise MissingExtraError(error.name or PACKAGES[scheme], EXTRAS[scheme]) from None

    def __str__(self) -> str:
        return self.url

    def where(self, name: str) -> str:
        return f"{self.url}/{_checked(name)}"

    def open(self, name: str) -> IO[bytes]:
        with self._telling("be read", self.where(name)):
            return self.files.open(self._key(name), "rb")  # type: ignore[no-any-return]

    def read(self, name: str) -> bytes:
        with self._telling("be read", self.where(name)):
            return self.files.cat_file(self._key(name))  # type: ignore[no-any-return]

    def write(self, name: str, data: bytes) -> None:
        with self._telling("be written", self.where(name)):
            self.files.pipe_file(self._key(name), data)

    @contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        # fsspec's own files are committed by close(), even when the block failed: so write here, send when it is whole.
        with tempfile.TemporaryFile() as file:
            yield file
            file.seek(0)
            with self._telling("be written", self.where(name)), self.files.open(self._key(name), "wb") as target:
                shutil.copyfileobj(file, target, 2**20)

    def append(self, name: str, data: bytes) -> None:
        with suppress(FileNotFoundError):
            data = self.read(name) + data
        self.write(name, data)

    def delete(self, name: str) -> None:
        with self._telling("be deleted", self.where(name)), suppress(FileNotFoundError):
            self.files.rm_file(self._key(name))

    def sizes(self, under: str = "") -> dict[str, int]:
        top = self._key(under) if under else self.root
        with self._telling("be listed", self.url):
            found = self.files.find(top, detail=True)
        start = len(self.root.rstrip("/")) + 1
        names = {path[start:]: int(entry["size"] or 0) for path, entry in found.items() if entry["type"] == "file"}
        return {name: names[name] for name in sorted(names) if not name.rpartition("/")[2].startswith(".")}

    def exists(self, name: str) -> bool:
        with self._telling("be read", self.where(name)):
            return bool(self.files.isfile(self._key(name)))

    def _key(self, name: str) -> str:
        return f"{self.root.rstrip('/')}/{_checked(name)}"

    @contextmanager
    def _telling(self, verb: str, where: str) -> Iterator[None]:
        """Whatever a store's client raises, as one line; that a file is missing, as everywhere."""
        try:
            yield
        except (CrumpleError, ImportError):
            raise
        except FileNotFoundError:
            if verb in ("be written", "be listed"):  # folders come with their files: it is the bucket that is missing
                raise StorageError(f"{where}: there is no such bucket; make it, or give another") from None
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), where) from None
        except Exception as error:  # each store's client has errors of its own: botocore's, aiohttp's, google.auth's
            reason = " ".join(str(error).split()) or type(error).__name__
            raise StorageError(
                f"{where}: cannot {verb}: {reason:.200}; check bucket, credentials and network"
            ) from error


def _checked(name: str) -> str:
    if not name or name.startswith("/") or "\\" in name or {"..", "."} & set(PurePosixPath(name).parts):
        raise StorageError(f"{name!r}: is no name of a file within a folder")
    return name


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
