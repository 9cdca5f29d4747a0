"""CVAT for images 1.1: one XML file with polygons, boxes, masks and their attributes.

The format: https://docs.cvat.ai/docs/other/xml_format. A mask's run lengths go along the rows of its own box.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from crumple.dataset.segmentation import Complaint
from crumple.detect import rle
from crumple.detect.masks import Patch
from crumple.errors import DataError
from crumple.files import write_aside
from crumple.label.cvat.project import is_review
from crumple.label.cvat.schema import SCORE, SEVERITY, UNKNOWN
from crumple.label.formats.markup import Element, attribute, number, read_xml, whole
from crumple.label.formats.objects import (
    BOXES,
    ELLIPSES,
    Attribute,
    Drawn,
    DrawnPhoto,
    Losses,
    as_text,
    box,
    ellipse,
    known_attributes,
)
from crumple.label.formats.photo_folder import FoundPhoto
from crumple.label.formats.reading import Reading, split_of
from crumple.label.shapes import Points, Shape

FILE_NAME = "annotations.xml"
# CVAT takes the id for the number of a frame if no frame has the photo's name: no task has that many.
NO_FRAME = 10**9
_EDGES = {"box": ("xtl", "ytl", "xbr", "ybr"), "ellipse": ("cx", "cy", "rx", "ry")}


def read(path: Path, reading: Reading) -> None:
    """Read annotations.xml, or the folder it lies in. Raises DataError."""
    path = path / FILE_NAME if path.is_dir() else path
    root = read_xml(path)
    if root.tag != "annotations":
        raise DataError(f"{path}, line {root.line}: is <{root.tag}>, not CVAT's <annotations>; give --format")
    tracks = root.findall("track")
    if tracks:
        raise DataError(
            f"{path}: has {len(tracks)} tracks of a video, which are no labels of photos; export the task as "
            '"CVAT for images 1.1", which cuts them into frames'
        )
    ranks = _ranks(root)
    for image in root.iter("image"):
        where = f"line {image.line}"  # type: ignore[attr-defined]
        with reading.entry(where):
            size = whole(image.get("width"), "width"), whole(image.get("height"), "height")
            photo = reading.folder.find(image.get("name"), size, "name")
            objects = []
            for shape in image:
                with reading.entry(f"line {shape.line}"):  # type: ignore[attr-defined]
                    objects += _read_shape(shape, photo, reading.losses)  # type: ignore[arg-type]
            rank = ranks.get(image.get("task_id", ""))
            reading.add(photo, objects, where, split=split_of(f"{image.get('subset')}/"), rank=rank)


def _ranks(root: Element) -> dict[str, tuple[int, int]]:
    """By the tasks' ids in an export of a project: which labels count of a photo that several have, as in a pull."""
    tasks = {task.findtext("id", ""): task.findtext("name", "") for task in root.iterfind("meta/project/tasks/task")}
    return {number: (is_review(name), int(number)) for number, name in tasks.items() if number.isdecimal()}


def _read_shape(shape: Element, photo: FoundPhoto, losses: Losses) -> list[Drawn]:
    if shape.tag not in ("polygon", "box", "ellipse", "mask"):
        losses.add_kind(shape.tag)
        return []
    attributes = {name: from_cvat(name, one.text) for one in shape.findall("attribute") if (name := one.get("name"))}
    if shape.get("occluded") == "1":
        attributes["occluded"] = "true"
    group = shape.get("group_id", "0")
    outline = Shape(runs=_read_mask(shape, photo)) if shape.tag == "mask" else Shape((_read_outline(shape, losses),))
    return [Drawn(attribute(shape, "label"), outline, known_attributes(attributes), None if group == "0" else group)]


def from_cvat(name: str, text: str | None) -> str | None:
    """As in our own projects: a whole score is percent, and 0 or "unknown" are what nobody has set."""
    if name == SCORE and text and text.isdecimal() and len(text) <= len("100"):
        return str(int(text) / 100) if int(text) else None
    return None if name == SEVERITY and text == UNKNOWN else text


def _to_cvat(name: str, value: Attribute, losses: Losses) -> str:
    if name != SCORE or not isinstance(value, float):
        return as_text(value)
    percent = round(100 * value)
    losses.add("scores that were rounded to whole percent, as CVAT's numbers are: {}", value != percent / 100)
    return str(percent)


def _read_outline(shape: Element, losses: Losses) -> Points:
    if shape.tag == "polygon":
        pairs = [pair.split(",") for pair in attribute(shape, "points").split(";")]
        if any(len(pair) != 2 for pair in pairs):
            raise Complaint("points", "must be pairs x,y with ; between them")
        return np.array([[number(value, "points") for value in pair] for pair in pairs])
    a, b, c, d = (number(shape.get(name), name) for name in _EDGES[shape.tag])
    losses.add(BOXES if shape.tag == "box" else ELLIPSES)
    outline = box if shape.tag == "box" else ellipse
    return outline(a, b, c, d, number(shape.get("rotation", "0"), "rotation"))


def _read_mask(shape: Element, photo: FoundPhoto) -> dict[str, object]:
    left, top, width, height = (whole(shape.get(name), name) for name in ("left", "top", "width", "height"))
    if left < 0 or top < 0 or width < 1 or height < 1 or left + width > photo.width or top + height > photo.height:
        raise Complaint("left", f"the mask's box does not lie on the photo of {photo.width}x{photo.height}")
    runs = [whole(run, "rle") for run in attribute(shape, "rle").split(",")]
    if min(runs) < 0 or sum(runs) != width * height:
        raise Complaint("rle", f"its runs sum to {sum(runs)}, not {width}x{height}")
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return Patch.from_bitmap(flat.reshape(height, width), left, top).rle(photo.height, photo.width)


def write(photos: Sequence[DrawnPhoto], out: Path, losses: Losses) -> None:
    """Write OUT/annotations.xml: polygons, and masks as masks; several polygons of one object share a group."""
    root = ElementTree.Element("annotations")
    ElementTree.SubElement(root, "version").text = "1.1"
    task = ElementTree.SubElement(ElementTree.SubElement(root, "meta"), "task")
    labels = ElementTree.SubElement(task, "labels")
    for name in sorted({drawn.label for photo in photos for drawn in photo.objects}):
        ElementTree.SubElement(ElementTree.SubElement(labels, "label"), "name").text = name
    for number_, photo in enumerate(photos, start=NO_FRAME):
        size = {"width": str(photo.width), "height": str(photo.height)}
        image = ElementTree.SubElement(root, "image", {"id": str(number_), "name": photo.file_name, **size})
        for group, drawn in enumerate(photo.objects, start=1):
            _write_object(image, drawn, group, losses)
    ElementTree.indent(root)
    with write_aside(out / FILE_NAME) as path:
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _write_object(image: ElementTree.Element, drawn: Drawn, group: int, losses: Losses) -> None:
    occluded = drawn.attributes.get("occluded") is True
    common = {"label": drawn.label, "source": "manual", "occluded": str(int(occluded))}
    if len(drawn.shape.polygons) > 1:
        common["group_id"] = str(group)
    if drawn.shape.runs is not None:
        shapes = [ElementTree.SubElement(image, "mask", common | _mask(drawn.shape.runs) | {"z_order": "0"})]
    else:
        outlines = [";".join(f"{x!r},{y!r}" for x, y in points.tolist()) for points in drawn.shape.polygons]
        shapes = [
            ElementTree.SubElement(image, "polygon", common | {"points": points, "z_order": "0"}) for points in outlines
        ]
    for shape in shapes:
        for name, value in drawn.attributes.items():
            ElementTree.SubElement(shape, "attribute", {"name": name}).text = _to_cvat(name, value, losses)


def _mask(runs: dict[str, object]) -> dict[str, str]:
    bitmap, left, top = rle.decode_patch(runs)
    flat = np.concatenate([[False], bitmap.ravel()])  # runs begin with zeros
    bounds = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]), [bitmap.size]])
    counts = ", ".join(map(str, np.diff(bounds).tolist()))
    height, width = bitmap.shape
    return {"rle": counts, "left": str(left), "top": str(top), "width": str(width), "height": str(height)}
