"""A version in another tool's format, to go on drawing there."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from crumple.errors import DataError
from crumple.label.cvat.frame_names import frame_name
from crumple.label.cvat.remembered import all_remembered
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

    For CVAT, photos that were pulled or pushed are called what their frames are called there.

    Raises DataError if `out` exists, or two photos' labels would be one file.
    """
    refuse_existing(out)
    if format in ONE_FILE_A_PHOTO:
        _check_stems([photo.file_name for photo in version.photos])
    losses = Losses()
    photos = []
    names = _frame_names(version) if format == "cvat" else {}
    for photo in version.photos:
        objects = tuple(Drawn(one.label, one.shape, dict(one.attributes)) for one in photo.objects)
        photos.append(DrawnPhoto(names.get(photo.file_name, photo.file_name), photo.width, photo.height, objects))
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


def _frame_names(version: Version) -> dict[str, str]:
    """By file name, of those photos that a pull found on the server, or that were pushed from this machine."""
    pulled = version.manifest.get("photos", [])
    names = {one["file_name"]: one["frame_name"] for one in pulled if "frame_name" in one}
    if not names and version.images in all_remembered():
        names = {one.file_name: frame_name(one.file_name, one.sha256) for one in version.photos if one.sha256}
    return names


def _check_stems(names: Sequence[str]) -> None:
    """Labels are named as their photo but for the suffix."""
    first: dict[PurePosixPath, str] = {}
    for name in names:
        other = first.setdefault(PurePosixPath(name).with_suffix(""), name)
        if other != name:
            raise DataError(
                f"{other} and {name}: the labels of both would be one file; rename one, or export as cvat or via"
            )
