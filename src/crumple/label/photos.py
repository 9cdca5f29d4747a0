"""Photos to be labelled: those of a clean set, or all of a folder, each known by the hash of its file."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.beam.listing import list_photos
from crumple.credit import Credit
from crumple.errors import DataError, MissingExtraError, PhotoError
from crumple.photo import decode_photo
from crumple.photo_files import SUFFIXES
from crumple.storage import Folder

MANIFEST = "manifest.parquet"


@dataclass(frozen=True)
class LabelPhoto:
    """A photo to be labelled. name: below the folder. sha256: of the file, hex. hash: the perceptual one, if known.

    group: photos of one car or claim, that one annotator should see together. split: train, val ... if there are any.
    licence: name and URL.
    """

    name: str
    sha256: str
    group: str | None = None
    split: str | None = None
    hash: int | None = None
    licence: tuple[str, str] | None = None


def read_photos(folder: Folder, step: Callable[[], None] = lambda: None) -> list[LabelPhoto]:
    """The photos of a folder in the order of their names, none of them twice (by content).

    With the manifest of `crumple prepare` those that it names, with its hashes, groups and splits; else all photos
    that lie there, hashed now, with the groups of `crumple collect`'s manifest if the folder is local.

    Args:
        step: called after each photo.

    Raises: DataError if there is no photo, or they lie in tar files.
    """
    if folder.path is not None and not folder.path.is_dir():
        what = "is a file, not a folder" if folder.path.exists() else "there is no such folder"
        raise DataError(f"{folder}: {what}; give the folder of photos that crumple prepare wrote")
    found: dict[str, LabelPhoto] = {}
    for photo in _prepared(folder) if folder.exists(MANIFEST) else _any(folder):
        found.setdefault(photo.sha256, photo)
        step()
    if not found:
        raise DataError(f"{folder}: holds no photo; give the folder that crumple prepare wrote")
    return sorted(found.values(), key=lambda photo: photo.name)


def _prepared(folder: Folder) -> Iterator[LabelPhoto]:
    for row in _rows(folder):
        if row["shard"]:
            raise DataError(f"{folder}: its photos lie in tar files; prepare them with --format folder to label them")
        licence = (row["licence"], row["licence_url"]) if row["licence"] else None
        yield LabelPhoto(row["file"], row["jpeg_sha256"], row["group"] or None, row["split"], row["hash"], licence)


def _rows(folder: Folder) -> list[dict[str, Any]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "cvat") from None
    columns = ["file", "jpeg_sha256", "group", "split", "hash", "shard", "licence", "licence_url"]
    try:
        rows: list[dict[str, Any]] = parquet.read_table(io.BytesIO(folder.read(MANIFEST)), columns=columns).to_pylist()
    except ArrowException as error:
        raise DataError(f"{folder.where(MANIFEST)}: is no manifest of crumple prepare: {error}") from None
    return rows


def _any(folder: Folder) -> Iterator[LabelPhoto]:
    if folder.path is not None:
        credits = {photo.name: photo.credit for photo in list_photos(str(folder.path))}
    else:
        names = (name for name in folder.sizes() if PurePosixPath(name).suffix.lower() in SUFFIXES)
        credits = {name: Credit() for name in names}
    for name, credit in sorted(credits.items()):
        try:
            sha256 = hashlib.sha256(folder.read(name)).hexdigest()
        except FileNotFoundError:
            raise DataError(f"{folder.where(name)}: there is no such file, but the manifest names it") from None
        licence = (credit.licence, credit.licence_url) if credit.licence else None
        yield LabelPhoto(name, sha256, credit.group or None, licence=licence)


def decode(data: bytes, where: str, max_side: int | None = None) -> npt.NDArray[np.uint8]:
    """A photo's pixels (H, W, 3), RGB, upright; scaled down to `max_side`. Raises PhotoError naming it as `where`."""
    try:
        return decode_photo(data, max_side=max_side).rgb
    except PhotoError as error:
        reason = str(error).removeprefix("photo: ")
        raise PhotoError(f"{where}: {reason}; or take it out, as crumple prepare does") from None
