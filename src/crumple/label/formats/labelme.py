"""LabelMe: one JSON file a photo. Shapes of one label and group_id are one object, as in its own converter to COCO."""

import base64
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from crumple.dataset.segmentation import Complaint
from crumple.detect import rle
from crumple.detect.masks import Patch
from crumple.errors import DataError, PhotoError
from crumple.files import write_aside
from crumple.label.formats.objects import (
    BOXES,
    ELLIPSES,
    Drawn,
    DrawnPhoto,
    Losses,
    box,
    ellipse,
    known_attributes,
)
from crumple.label.formats.photo_folder import FoundPhoto
from crumple.label.formats.reading import Entry, Reading, beside, label_files, within
from crumple.label.shapes import Shape
from crumple.photo import decode_photo

VERSION = "5.5.0"
# And how many points it needs at least; a polygon of fewer than 3 is left out later, as of any format.
_HAS_AREA = {"polygon": 0, "oriented_rectangle": 4, "rectangle": 2, "circle": 2, "mask": 2}


class Outline(Entry):
    """One shape. `attributes` and `score` are AnyLabeling's; LabelMe itself keeps them."""

    label: str
    points: list[tuple[float, float]]
    shape_type: str = "polygon"
    group_id: int | str | None = None
    flags: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None
    score: float | None = None
    mask: str | None = None


class File(Entry):
    """One photo's file."""

    shapes: list[Outline]
    imagePath: str
    imageHeight: int
    imageWidth: int


def read(path: Path, reading: Reading) -> None:
    """Read one file, or every .json file below a folder. Raises DataError."""
    files = label_files(path, ".json")
    if not files:
        raise DataError(f"{path}: holds no .json file; give LabelMe's folder")
    for file in files:
        where = within(file, path)
        with reading.entry(where):
            content = reading.read_json(file, File)
            size = content.imageWidth, content.imageHeight
            photo = reading.folder.find(beside(where, content.imagePath), size, "imagePath")
            objects = []
            for index, shape in enumerate(content.shapes):
                with reading.entry(f"{where}, shapes[{index}]"):
                    objects += _read_shape(shape, photo, reading.losses)
            reading.add(photo, objects, where)


def _read_shape(shape: Outline, photo: FoundPhoto, losses: Losses) -> list[Drawn]:
    least = _HAS_AREA.get(shape.shape_type)
    if least is None:
        losses.add_kind(shape.shape_type)
        return []
    points = np.array(shape.points, np.float64).reshape(-1, 2)
    if len(points) < least:
        raise Complaint("points", f"has {len(points)} of the {least} points that a {shape.shape_type} needs")
    given = {name: value for name, value in (shape.flags or {}).items() if value is True or value is False}
    attributes = known_attributes({"score": shape.score, **given, **(shape.attributes or {})})
    group = None if shape.group_id is None else str(shape.group_id)
    if shape.shape_type == "mask":
        return [Drawn(shape.label, Shape(runs=_read_mask(shape, photo)), attributes, group)]
    if shape.shape_type == "rectangle":
        points = box(*points[0].tolist(), *points[1].tolist())
        losses.add(BOXES)
    elif shape.shape_type == "circle":
        radius = float(np.linalg.norm(points[1] - points[0]))
        points = ellipse(float(points[0, 0]), float(points[0, 1]), radius, radius)
        losses.add(ELLIPSES)
    return [Drawn(shape.label, Shape((points,)), attributes, group)]


def _read_mask(shape: Outline, photo: FoundPhoto) -> dict[str, Any]:
    """A mask is a PNG of the pixels in its box, whose two corner pixels are its points."""
    (left, top), (right, bottom) = np.rint(np.array(shape.points[:2])).astype(int).tolist()
    try:
        # The box bounds what is decoded: a small PNG may claim gigabytes.
        inside = decode_photo(base64.b64decode(shape.mask or ""), max_pixels=photo.width * photo.height).rgb[..., 0] > 0
    except (PhotoError, ValueError) as error:
        raise Complaint("mask", f"is no PNG in base64 ({error})") from None
    if inside.shape != (bottom - top + 1, right - left + 1):
        raise Complaint("mask", f"is {inside.shape[1]}x{inside.shape[0]} pixels, which is not the box of its points")
    if left < 0 or top < 0 or right >= photo.width or bottom >= photo.height:
        raise Complaint("points", f"lie outside the photo of {photo.width}x{photo.height}")
    return Patch.from_bitmap(inside, left, top).rle(photo.height, photo.width)


def write(photos: Sequence[DrawnPhoto], out: Path, losses: Losses) -> None:
    """Write OUT/<photo>.json for every photo; several polygons of one object share a group_id."""
    for photo in photos:
        shapes = [shape for group, drawn in enumerate(photo.objects, start=1) for shape in _shapes(drawn, group)]
        target = (out / photo.file_name).with_suffix(".json")
        content: dict[str, Any] = {
            "version": VERSION,
            "flags": {},
            "shapes": shapes,
            "imagePath": Path(photo.file_name).name,
            "imageData": None,
            "imageHeight": photo.height,
            "imageWidth": photo.width,
        }
        with write_aside(target) as path:
            path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _shapes(drawn: Drawn, group: int) -> list[dict[str, Any]]:
    flags = {name: value for name, value in drawn.attributes.items() if isinstance(value, bool)}
    attributes = {name: value for name, value in drawn.attributes.items() if name not in flags}
    common = {"label": drawn.label, "description": "", "flags": flags, "attributes": attributes}
    if drawn.shape.runs is not None:
        bitmap, x, y = rle.decode_patch(drawn.shape.runs)
        height, width = bitmap.shape
        corners = [[x, y], [x + width - 1, y + height - 1]]
        data = BytesIO()
        Image.fromarray(bitmap.astype(np.uint8)).save(data, "PNG")
        mask = base64.b64encode(data.getvalue()).decode("ascii")
        return [{**common, "points": corners, "group_id": None, "shape_type": "mask", "mask": mask}]
    shared = group if len(drawn.shape.polygons) > 1 else None
    return [
        {**common, "points": points.tolist(), "group_id": shared, "shape_type": "polygon", "mask": None}
        for points in drawn.shape.polygons
    ]
