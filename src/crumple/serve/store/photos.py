"""Photos of inspections in a folder or bucket, each called by its inspection and the SHA-256 of what is kept of it."""

import hashlib
import os
import threading
from contextlib import suppress
from dataclasses import dataclass

from crumple.drawing.jpeg import jpeg
from crumple.photo import decode_photo
from crumple.serve.store.stripped import strip
from crumple.storage import Folder, StorageError

THUMBNAIL = 320  # pixels of its longer side


@dataclass(frozen=True)
class KeptPhoto:
    """A photo that is on disk. name: in the folder. size: upright width and height in pixels."""

    name: str
    size: tuple[int, int]


class PhotoStore:
    """Args: folder: where to. at_once: photos decoded at a time, so that memory is bounded. max_pixels: of each."""

    def __init__(self, folder: Folder, at_once: int, max_pixels: int) -> None:
        self._folder, self._max_pixels = folder, max_pixels
        self.decoding = threading.BoundedSemaphore(at_once)

    def keep(self, inspection_id: str, upload: bytes) -> KeptPhoto:
        """Write an upload without its metadata, GPS position above all; once this returns it is on disk.

        Raises PhotoError, StorageError.
        """
        with self.decoding:
            data, suffix, size = strip(upload, self._max_pixels)
        name = f"{inspection_id}/{hashlib.sha256(data).hexdigest()}{suffix}"
        self._folder.write(name, data)
        if self._folder.path is not None:
            _sync(self._folder.path / name)
        return KeptPhoto(name, size)

    def read(self, name: str) -> bytes:
        """A kept photo. Raises FileNotFoundError, StorageError."""
        return self._folder.read(name)

    def has(self, name: str) -> bool:
        """Whether a photo is there. Raises StorageError."""
        return self._folder.exists(name)

    def thumbnail(self, name: str) -> bytes:
        """A small JPEG of a kept photo, made once and kept beside it. Raises FileNotFoundError, PhotoError,
        StorageError."""
        small = _thumbnail_of(name)
        with suppress(FileNotFoundError):
            return self._folder.read(small)
        data = self._folder.read(name)
        with self.decoding:
            made = jpeg(decode_photo(data, at_least=2 * THUMBNAIL).rgb, max_side=THUMBNAIL)
        with suppress(OSError, StorageError):  # a full disk; it is made again then
            self._folder.write(small, made)
        return made

    def drop_photo(self, name: str) -> None:
        """Delete one photo."""
        self._folder.delete(name)
        self._folder.delete(_thumbnail_of(name))

    def drop(self, inspection_id: str) -> None:
        """Delete all photos of an inspection, those that were kept and never acknowledged among them."""
        for name in self._folder.sizes(inspection_id):
            self._folder.delete(name)
        if self._folder.path is not None:
            folder = self._folder.path / inspection_id
            if folder.is_dir():
                folder.rmdir()


def _sync(path: "os.PathLike[str]") -> None:
    """Make a file and its name survive a loss of power, not only of the process."""
    for place in (path, os.path.dirname(path)):  # noqa: PTH120
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _thumbnail_of(name: str) -> str:
    return f"{name}.thumb.jpg"
