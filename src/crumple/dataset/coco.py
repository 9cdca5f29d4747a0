"""Read a COCO instances file, check it wholly, and say it in the project's words."""

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from crumple.dataset.complaints import Complaints
from crumple.dataset.instances import Instance, LabelledPhoto
from crumple.dataset.labels import LabelMap
from crumple.dataset.segmentation import (
    Complaint,
    check_box,
    polygon_area,
    polygons_box,
    read_polygons,
    read_rle,
    rle_box,
)
from crumple.errors import DataError, PhotoError
from crumple.photo import photo_size
from crumple.photo_header import MAX_PIXELS

__all__ = ["Instance", "LabelledPhoto", "annotated_photos", "read_coco"]

# Beside a larger polygon, one below this area (square pixels) is a slip of the drawing hand; it would stretch the box.
SPECK = 4.0


def read_coco(
    annotations: str | os.PathLike[str],
    images: str | os.PathLike[str],
    label_map: LabelMap,
    *,
    split: bool = True,
    check_sizes: bool = False,
    find: Callable[[str], Path | None] | None = None,
) -> list[LabelledPhoto]:
    """Read and check a COCO instances file; one LabelledPhoto per image, in the file's order, unlabelled ones included.

    images: the folder that file names are relative to. split: make one instance of each polygon for the labels in
    label_map.split_polygons (crowd excepted); False keeps every annotation whole. Categories that the map drops are
    skipped unseen. Boxes are the tight boxes of the masks: "bbox" is optional, and only checked. Polygons that overhang
    the photo by up to 2 px are clipped, and specks beside larger polygons left out. check_sizes: also open every
    photo's header and compare its upright size with the file's; without it a photo must only exist. find: where a photo
    of this file name lies, in place of `images`; None: it is skipped, with its annotations.

    Raises DataError holding every complaint about the file (20 are shown), each naming annotation or image and field.
    """
    path = Path(annotations)
    content = _read_json(path)
    complaints = Complaints(path)
    place = find or (lambda name: Path(images) / name)
    photos = _read_images(content["images"], place, label_map, complaints, check_sizes)
    labels = _read_categories(content["categories"], label_map, complaints)
    instances: dict[int, list[Instance]] = {image_id: [] for image_id in photos}
    seen: set[int] = set()
    used = Counter(entry["category_id"] for entry in content["annotations"] if _has_whole_number(entry, "category_id"))
    unmapped: set[int] = set()
    for index, entry in enumerate(content["annotations"]):
        where = f"annotations[{index}]"
        try:
            annotation_id = _whole_number(entry, "id")
            where = f"annotation {annotation_id}"
            if annotation_id in seen:
                raise Complaint("id", "is used by an earlier annotation; every annotation needs an id of its own")
            seen.add(annotation_id)
            image_id = _whole_number(entry, "image_id")
            if image_id not in photos:
                raise Complaint("image_id", f"{image_id} is not among the file's images")
            category_id = _whole_number(entry, "category_id")
            if category_id not in labels:
                raise Complaint("category_id", f"{category_id} is not among the file's categories")
            photo, category = photos[image_id], labels[category_id]
            if photo is None or category is None:  # complained about already, or skipped
                continue
            source_name, label = category
            if source_name not in label_map.names:
                if category_id not in unmapped:  # said once, however many annotations have it
                    unmapped.add(category_id)
                    raise Complaint(
                        "category_id",
                        f"class {source_name!r} (on {used[category_id]} annotations) is not in the label map "
                        f"{label_map.name!r}; map it to a project name, or to null to drop it",
                    )
            elif label is not None:
                _complain_of_box(entry, where, photo, complaints)
                cuts = label_map.split_polygons if split else frozenset()
                instances[image_id] += _read_instances(entry, annotation_id, label, photo, label in cuts)
        except Complaint as complaint:
            complaints.add(where, complaint.field, complaint.reason)
    complaints.raise_if_any()
    return [
        replace(photo, instances=tuple(instances[photo.image_id])) for photo in photos.values() if photo is not None
    ]


def annotated_photos(annotations: str | os.PathLike[str]) -> dict[str, dict[int, str]]:
    """File name -> annotation id -> category, in the source's words and with those that a label map drops.

    For a file that `read_coco` has read without complaint.
    """
    content = _read_json(Path(annotations))
    categories = {category["id"]: category["name"] for category in content["categories"]}
    names = {image["id"]: image["file_name"] for image in content["images"]}
    photos: dict[str, dict[int, str]] = {name: {} for name in names.values()}
    for entry in content["annotations"]:
        photos[names[entry["image_id"]]][entry["id"]] = categories[entry["category_id"]]
    return photos


def listed_categories(annotations: str | os.PathLike[str]) -> list[str]:
    """The categories that the file lists, in the source's words, drawn or not.

    What is no category is left out: `read_coco` complains of it.
    """
    entries = _read_json(Path(annotations))["categories"]
    return [one["name"] for one in entries if isinstance(one, dict) and isinstance(one.get("name"), str)]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such annotation file; check the path") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; give a COCO instances file") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not text; give a COCO instances file (JSON)") from None
    if not text.strip():
        raise DataError(f"{path}: is empty; give a COCO instances file (JSON)")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}, line {error.lineno}: is not JSON: {error.msg} (column {error.colno})") from None
    except (RecursionError, ValueError):
        raise DataError(f"{path}: is not JSON that can be read; give a COCO instances file") from None
    keys = ("images", "annotations", "categories")
    if not isinstance(content, dict) or any(not isinstance(content.get(key), list) for key in keys):
        found = ", ".join(sorted(content)[:8]) or "none" if isinstance(content, dict) else f"a {type(content).__name__}"
        raise DataError(f"{path}: must have the top-level lists {', '.join(keys)}; found: {found}")
    return content


def _has_whole_number(entry: object, field: str) -> bool:
    return isinstance(entry, dict) and type(entry.get(field)) is int


def _whole_number(entry: object, field: str, least: int | None = None) -> int:
    if not isinstance(entry, dict):
        raise Complaint(field, f"cannot be found: the entry is a {type(entry).__name__}, not an object with fields")
    value = entry.get(field)
    if type(value) is not int or (least is not None and value < least):
        wanted = "a whole number" if least is None else f"a whole number of at least {least}"
        raise Complaint(field, "is missing" if field not in entry else f"must be {wanted}, not {value!r:.60}")
    return value


def _read_images(
    entries: list[Any],
    place: Callable[[str], Path | None],
    label_map: LabelMap,
    complaints: Complaints,
    check_sizes: bool,
) -> dict[int, LabelledPhoto | None]:
    """Photos by image id; None where annotations cannot be checked, for not even the size is known, or are skipped."""
    photos: dict[int, LabelledPhoto | None] = {}
    names: dict[str, int] = {}
    for index, entry in enumerate(entries):
        where = f"images[{index}]"
        try:
            image_id = _whole_number(entry, "id")
            where = f"image {image_id}"
            if image_id in photos:
                raise Complaint("id", "is used by an earlier image; every image needs an id of its own")
            photos[image_id] = None
            width, height = _whole_number(entry, "width", 1), _whole_number(entry, "height", 1)
            if width * height > MAX_PIXELS:
                raise Complaint("width", f"{width}x{height} is more than the {MAX_PIXELS // 10**6} megapixels decoded")
            name = entry.get("file_name")
            if not isinstance(name, str) or not name:
                raise Complaint("file_name", f"must be text, not {name!r:.60}")
            path = place(name)
            if path is None:
                continue
            group = entry.get("group")
            undrawn = _read_undrawn(entry, label_map)
            photos[image_id] = LabelledPhoto(
                path, name, image_id, width, height, None if group is None else str(group), (), undrawn=undrawn
            )
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise Complaint("file_name", f"{name!r} leads out of the image folder")
            if names.setdefault(name, image_id) != image_id:
                raise Complaint("file_name", f"{name!r} is also the file of image {names[name]}")
            if not path.is_file():
                raise Complaint("file_name", f"there is no file {path}")
            if check_sizes:
                _check_size(path, width, height)
        except Complaint as complaint:
            complaints.add(where, complaint.field, complaint.reason)
    return photos


def _read_undrawn(entry: dict[str, Any], label_map: LabelMap) -> tuple[str, ...]:
    """Of an image's "undrawn", our own key: category names that are on the photo without an annotation."""
    names = entry.get("undrawn", [])
    if not isinstance(names, list):
        raise Complaint("undrawn", f"must be a list of category names, not {names!r:.60}")
    for name in names:
        if not isinstance(name, str) or name not in label_map.names:
            raise Complaint("undrawn", f"{name!r:.60} is not in the label map {label_map.name!r}")
    return tuple(label for name in names if (label := label_map.names[name]) is not None)


def _check_size(path: Path, width: int, height: int) -> None:
    try:
        size = photo_size(path)
    except PhotoError as error:
        raise Complaint("file_name", str(error)) from None
    if size != (width, height):
        raise Complaint("width", f"{width}x{height} is not the size of {path}, which is {size[0]}x{size[1]} upright")


def _read_categories(
    entries: list[Any], label_map: LabelMap, complaints: Complaints
) -> dict[int, tuple[str, str | None] | None]:
    """Category id -> (source name, project name or None if dropped); None if the category itself is broken.

    A category that no annotation uses may be missing from the label map: exporters write such ones.
    """
    labels: dict[int, tuple[str, str | None] | None] = {}
    for index, entry in enumerate(entries):
        where = f"categories[{index}]"
        try:
            category_id = _whole_number(entry, "id")
            where = f"category {category_id}"
            if category_id in labels:
                raise Complaint("id", "is used by an earlier category; every category needs an id of its own")
            labels[category_id] = None
            name = entry.get("name")
            if not isinstance(name, str):
                raise Complaint("name", f"must be text, not {name!r:.60}")
            labels[category_id] = (name, label_map.names.get(name))
        except Complaint as complaint:
            complaints.add(where, complaint.field, complaint.reason)
    return labels


def _complain_of_box(entry: dict[str, Any], where: str, photo: LabelledPhoto, complaints: Complaints) -> None:
    """The box is not used, so a bad one does not stop the mask beside it from being checked too."""
    if entry.get("bbox") is None:
        return
    try:
        check_box(entry["bbox"], photo.height, photo.width)
    except Complaint as complaint:
        complaints.add(where, complaint.field, complaint.reason)


def _read_instances(
    entry: dict[str, Any], annotation_id: int, label: str, photo: LabelledPhoto, split: bool
) -> list[Instance]:
    crowd = entry.get("iscrowd", 0)
    if crowd not in (0, 1):
        raise Complaint("iscrowd", f"must be 0 or 1, not {crowd!r:.60}")
    segmentation = entry.get("segmentation")
    if isinstance(segmentation, dict):
        rle = read_rle(segmentation, photo.height, photo.width)
        return [Instance(label, (), rle, rle_box(rle), bool(crowd), annotation_id)]
    if not isinstance(segmentation, list):
        raise Complaint("segmentation", "is missing" if segmentation is None else "must be polygons or RLE")
    polygons = read_polygons(segmentation, photo.height, photo.width)
    polygons = tuple(polygon for polygon in polygons if polygon_area(polygon) >= SPECK) or polygons
    pieces = [(polygon,) for polygon in polygons] if split and not crowd else [polygons]
    return [Instance(label, piece, None, polygons_box(piece), bool(crowd), annotation_id) for piece in pieces]
