"""Labels of another tool into a version folder: read wholly, checked wholly, and only then written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crumple.dataset.coco import SPECK
from crumple.dataset.complaints import SHOWN, Complaints
from crumple.dataset.labels import LabelMap
from crumple.dataset.segmentation import polygon_area
from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.formats import coco, cvat, labelme, via, voc, yolo
from crumple.label.formats.detect import detect
from crumple.label.formats.objects import DrawnPhoto
from crumple.label.formats.photo_folder import PhotoFolder
from crumple.label.formats.reading import Reading, label_files
from crumple.label.shapes import Shape
from crumple.label.versions.coco import CATEGORY_IDS
from crumple.label.versions.version import refuse_existing, write_version
from crumple.taxonomy import name_fault

AUTO = "auto"
READERS: dict[str, Callable[[Path, Reading], None]] = {
    "cvat": cvat.read,
    "via": via.read,
    "labelme": labelme.read,
    "roboflow": coco.read,
    "yolo": yolo.read,
    "voc": voc.read,
}


@dataclass(frozen=True)
class Imported:
    """What an import came to. format: as detected or given. losses: lines about what could not be kept.

    skipped: shapes, photos and files that were left out as invalid, a line each.
    """

    format: str
    photos: int
    objects: int
    dropped: dict[str, int]
    losses: list[str]
    skipped: list[str]


def import_labels(
    path: Path,
    out: Path,
    label_map: LabelMap | None = None,
    *,
    branch: str | None = None,
    images: Path | None = None,
    format: str = AUTO,
    copy_images: bool = False,
    skip_missing: bool = False,
    skip_invalid: bool = False,
) -> Imported:
    """Read labels of another tool and write them as the version folder `out`.

    Args:
        path: a label file, or the folder of many.
        label_map: None: every class keeps its name.
        branch: that the names belong to that are not crumple's own; None: there are none.
        images: the folder of the photos; None: the folder that `path` is, or lies in.
        format: a name in READERS, or "auto".
        copy_images: put the photos into the version too.
        skip_missing: leave out the labels of photos that are not in the folder; else they are an error.
        skip_invalid: leave out shapes, photos and files that are wrong; else each is an error.

    Raises DataError with everything that is wrong, each naming file and line or field; then nothing is written.
    """
    refuse_existing(out)
    if label_map is not None:
        _check_names(label_map, branch)
    elif branch is None:
        raise DataError("give --labels, or the --branch that all classes of the source belong to")
    if format == AUTO:
        format = detect(path)
    elif not path.exists():
        raise DataError(f"{path}: there is no such file or folder")
    folder = PhotoFolder(images or (path if path.is_dir() else path.parent))
    reading = Reading(folder, label_map.names if label_map else None, Complaints(path), skip_invalid)
    READERS[format](path, reading)
    if label_map is None:
        label_map = _as_in_the_source(reading)
    if branch is not None and (wrong := name_fault(branch, label_map.labels)):
        raise DataError(f"{path}: {wrong}")
    _account_for_missing(reading, skip_missing)
    photos, dropped = _in_our_words(reading, label_map)
    reading.complaints.raise_if_any()
    if not photos:
        raise DataError(f"{path}: labels no photo under {folder.folder}; is it the right file?")
    source = {"format": format, "path": str(path.absolute()), "files": _hashes(path), "label map": label_map.name}
    manifest = {"source": source, "losses": reading.losses.lines(), "missing_photos": reading.missing}
    manifest["skipped"] = reading.skipped
    names, where = label_map.labels, str(folder.folder.absolute())
    own = {name: branch for name in names if branch and name not in CATEGORY_IDS}
    write_version(out, photos, manifest, names=names, own=own, images=where, copy_images=copy_images)
    objects = sum(len(photo.objects) for photo in photos)
    return Imported(format, len(photos), objects, dict(dropped), reading.losses.lines(), reading.skipped)


def _account_for_missing(reading: Reading, skip: bool) -> None:
    names = reading.missing
    if skip:
        reading.losses.add("labelled photos that are not there, which were left out: {}", len(names))
    elif names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        photos = "a labelled photo is" if len(names) == 1 else f"{len(names)} labelled photos are"
        listed = ", ".join(f"{name!r:.120}" for name in names[:SHOWN])
        reading.complaints.add(
            f"{photos} not under {reading.folder.folder}",
            None,
            f"{listed}{more}; give --images, or leave their labels out with --skip-missing",
        )


def _check_names(label_map: LabelMap, branch: str | None) -> None:
    own = [label for label in label_map.labels if label not in CATEGORY_IDS]
    if own and branch is None:
        raise DataError(
            f"label map {label_map.name!r}: {own[0]!r} is not one of crumple's names ({', '.join(CATEGORY_IDS)}); "
            "map it to one of these or to null, or give the --branch that your own names belong to"
        )


def _as_in_the_source(reading: Reading) -> LabelMap:
    """Every class keeps its name."""
    used = {drawn.label for photo in reading.photos.values() for drawn in photo.objects}
    return LabelMap("as in the source", {name: name for name in sorted(used)})


def _in_our_words(reading: Reading, label_map: LabelMap) -> tuple[list[VersionPhoto], Counter[str]]:
    """The photos in the project's words, and how many objects of each name were dropped on purpose."""
    used = Counter(drawn.label for photo in reading.photos.values() for drawn in photo.objects)
    for name, count in sorted(used.items()):
        if name not in label_map.names:
            reading.complaints.add(
                f"class {name!r} (on {count} objects)",
                None,
                f"is not in the label map {label_map.name!r}; map it to a project name, or to null to drop it",
            )
    dropped = Counter({name: count for name, count in used.items() if label_map.names.get(name) is None})
    photos = [_version_photo(photo, reading, label_map) for photo in reading.photos.values()]
    return photos, dropped


def _version_photo(photo: DrawnPhoto, reading: Reading, label_map: LabelMap) -> VersionPhoto:
    objects: list[LabelledObject] = []
    for drawn in photo.objects:
        name = label_map.names.get(drawn.label)
        if name is not None:
            shapes = _pieces(drawn.shape) if name in label_map.split_polygons else [drawn.shape]
            reading.losses.add("objects that the label map splits, one for each polygon: {}", len(shapes) > 1)
            objects += [LabelledObject(name, shape, drawn.attributes) for shape in shapes]
    sha256 = file_sha256(reading.folder.path(photo.file_name))
    drawn_by = AnnotationSet(tuple(objects))
    return VersionPhoto(photo.file_name, photo.width, photo.height, (drawn_by,), sha256, photo.claim, photo.split)


def _pieces(shape: Shape) -> list[Shape]:
    """One shape a polygon, specks beside larger ones left out; a shape of one polygon, or a mask, as it is."""
    pieces = [Shape((points,)) for points in shape.polygons if polygon_area(points) >= SPECK]
    return pieces or [shape]


def _hashes(path: Path) -> dict[str, str]:
    """SHA-256 of the label file, or of every one in the folder."""
    files = (
        [path]
        if path.is_file()
        else [file for kind in (".json", ".xml", ".txt", ".yaml") for file in label_files(path, kind)]
    )
    return {str(file.relative_to(path)) if file != path else file.name: file_sha256(file) for file in files}
