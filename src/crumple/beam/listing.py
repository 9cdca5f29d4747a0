"""Which photos a preparation is about: those of the manifest that `crumple collect` wrote, or all that lie in a folder.

With a manifest.jsonl, photos in the folder that it does not name are left out: nobody knows whose they are.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from crumple.errors import DataError
from crumple.prepare.one_photo import Credit
from crumple.prepare.store import exists, join, list_names, open_file

MANIFEST = "manifest.jsonl"
# What counts as a photo in a folder without a manifest. Those that cannot be decoded, such as HEIC, land in rejects.
SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".avif"]
)


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


def read_credit(content: dict[str, Any]) -> Credit:
    """What a line says of the photo's origin, and nothing else of it: not where it was taken, nor when."""
    author, licence = content.get("author"), content.get("license", content.get("licence"))
    if not isinstance(author, dict):
        author = {"name": author, "id": content.get("author_id")}
    if not isinstance(licence, dict):
        licence = {"id": licence, "url": content.get("licence_url", content.get("license_url"))}
    return Credit(
        source=_text(content.get("source")),
        source_id=_text(content.get("id")),
        title=_text(content.get("title")),
        author=_text(author.get("name")),
        author_id=_text(author.get("id")),
        licence=_text(licence.get("id")),
        licence_url=_text(licence.get("url")),
        page=_text(content.get("page_url", content.get("page"))),
        group=_text(content.get("group")),
    )


def _text(value: object) -> str:
    # JSON can hold halves of characters, which no file can.
    return "" if value is None else " ".join(str(value).split()).encode("utf-8", "replace").decode()
