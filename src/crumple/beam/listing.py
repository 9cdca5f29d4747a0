"""Which photos a run is about: those of the manifest that `crumple collect` wrote, or all that lie in a folder.

With a manifest.jsonl, photos in the folder that it does not name are left out: nobody knows whose they are.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from crumple.beam.store import exists, join, list_names, open_file
from crumple.credit import Credit, read_credit
from crumple.errors import DataError
from crumple.photo_files import SUFFIXES

MANIFEST = "manifest.jsonl"


@dataclass(frozen=True)
class SourcePhoto:
    """A photo to prepare. name: its path below the source folder, unique there."""

    name: str
    credit: Credit = field(default_factory=Credit)


def list_photos(source: str, without: str | None = None) -> Iterator[SourcePhoto]:
    """The photos of a folder (path or URL), in no order, each once.

    Args:
        without: a folder whose photos are left out although it lies in the source: the output's.

    Raises DataError for a manifest that says what it must not.
    """
    manifest = join(source, MANIFEST)
    if exists(manifest):
        yield from _read_manifest(manifest)
        return
    base = source.rstrip("/") + "/"
    skipped = (without.rstrip("/") + "/").removeprefix(base) if without and without.startswith(base) else None
    for name in list_names(source):
        if PurePosixPath(name).suffix.lower() in SUFFIXES and not (skipped and name.startswith(skipped)):
            yield SourcePhoto(name)


def _read_manifest(path: str) -> Iterator[SourcePhoto]:
    """Its photos; of several lines on one file the last counts, and one that says "removed" takes the photo away.

    It is read twice, so that only names are in memory and not what is said of all photos.
    """
    last: dict[str, int] = {}
    for number, name, photo in _lines(path):
        if photo:
            last[name] = number
        else:
            last.pop(name, None)
    for number, name, photo in _lines(path):
        if photo and last.get(name) == number:
            yield photo


def _lines(path: str) -> Iterator[tuple[int, str, SourcePhoto | None]]:
    """Of each line its number, the file that it names, and the photo, None if that was removed."""
    with open_file(path) as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break  # cut off when the machine went down: the collector will write it again
            if not line.strip():
                continue
            try:
                content = json.loads(line)
                name = _name(content)
                removed = content.get("event") == "removed"
                photo = None if removed else SourcePhoto(name, read_credit(content))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise DataError(
                    f"{path}, line {number}: is no photo of a manifest ({error}); repair or delete the line"
                ) from None
            yield number, name, photo


def _name(content: dict[str, Any]) -> str:
    name = content.get("file") or content.get("path") or content.get("file_name")
    if not isinstance(name, str):
        raise ValueError("it names no file")
    if name.startswith("/") or "://" in name or "\\" in name or ".." in name.split("/"):
        raise ValueError(f"{name} lies outside the folder")
    return name
