"""`crumple label diff OLD NEW`: what one version of the labels has that another has not."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from crumple.label.annotations import LabelledObject
    from crumple.label.versions.difference import Difference, PhotoDifference


def label_diff(
    old: Annotated[Path, typer.Argument(help="A version folder.")],
    new: Annotated[Path, typer.Argument(help="A later one.")],
    as_json: Annotated[bool, typer.Option("--json", help="All of it, for programs.")] = False,
) -> None:
    """Photos and objects added, removed and changed from one version to another.

    Photos are told apart by their hash. An object is the same one if it is drawn with the same points, or if the two
    outlines agree with an IoU of at least 0.5.
    """
    from crumple.label.versions.difference import difference
    from crumple.label.versions.version import read_version

    found = difference(read_version(old), read_version(new))
    if as_json:
        print(json.dumps(found.to_dict(), indent=1))
        return
    for line in _lines(found):
        print(line)


def _lines(found: "Difference") -> list[str]:
    lines = [f"+ {photo.file_name}: {len(photo.objects)} objects" for photo in found.added]
    lines += [f"- {photo.file_name}: {len(photo.objects)} objects" for photo in found.removed]
    for photo in found.changed:
        lines.append(f"~ {photo.file_name}")
        lines += _objects(photo)
    added, removed, changed = (
        sum(len(getattr(photo, kind)) for photo in found.changed) for kind in ("added", "removed", "changed")
    )
    photos = f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed, {found.same} same"
    lines.append(f"photos: {photos}")
    lines.append(f"objects on photos of both: {added} added, {removed} removed, {changed} changed")
    return lines


def _objects(photo: "PhotoDifference") -> list[str]:
    lines = [f"    + {_where(one)}" for one in photo.added]
    lines += [f"    - {_where(one)}" for one in photo.removed]
    for one, other, what in photo.changed:
        was = f", was {one.label}" if one.label != other.label else ""
        lines.append(f"    ~ {_where(other)}{was}: {', '.join(what)}")
    return lines


def _where(one: "LabelledObject") -> str:
    return f"{one.label} at {' '.join(f'{value:.0f}' for value in one.shape.box)}"
