"""A version in another tool's format, to go on drawing there."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from crumple.errors import DataError
from crumple.label.formats import cvat, labelme, via, voc, yolo
from crumple.label.formats.objects import Drawn, DrawnPhoto, Losses
from crumple.label.versions.version import Version, refuse_existing

WRITERS: dict[str, Callable[[Sequence[DrawnPhoto], Path, Losses], None]] = {
    "cvat": cvat.write,
    "via": via.write,
    "labelme": labelme.write,
    "yolo": yolo.write,
    "voc": voc.write,
}

ONE_FILE_A_PHOTO = frozenset({"labelme", "yolo", "voc"})


@dataclass(frozen=True)
class Exported:
    """What an export came to. losses: lines about what the format cannot hold."""

    photos: int
    objects: int
    losses: list[str]


def export_labels(version: Version, out: Path, format: str) -> Exported:
    """Write the labels that count in the format `format` (a name in WRITERS) into the new folder `out`.

    Raises DataError if `out` exists, or two photos' labels would be one file.
    """
    refuse_existing(out)
    if format in ONE_FILE_A_PHOTO:
        _check_stems([photo.file_name for photo in version.photos])
    losses = Losses()
    photos = []
    for photo in version.photos:
        objects = tuple(Drawn(one.label, one.shape, dict(one.attributes)) for one in photo.objects)
        photos.append(DrawnPhoto(photo.file_name, photo.width, photo.height, objects))
        losses.add("objects of second annotators, which were left out: {}", sum(len(s.objects) for s in photo.sets[1:]))
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        WRITERS[format](photos, aside, losses)
        aside.chmod(0o755)
        refuse_existing(out)
        aside.rename(out)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return Exported(len(photos), sum(len(photo.objects) for photo in photos), losses.lines())


def _check_stems(names: Sequence[str]) -> None:
    """Labels are named as their photo but for the suffix."""
    first: dict[PurePosixPath, str] = {}
    for name in names:
        other = first.setdefault(PurePosixPath(name).with_suffix(""), name)
        if other != name:
            raise DataError(
                f"{other} and {name}: the labels of both would be one file; rename one, or export as cvat or via"
            )
