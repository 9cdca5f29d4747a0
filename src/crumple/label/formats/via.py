"""VIA (VGG Image Annotator) 2.x: a project file, or its annotations alone; 1.x annotations are read too.

Regions have free attributes, of which one is the class: the one whose values the label map knows best.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from crumple.dataset.segmentation import Complaint
from crumple.errors import DataError
from crumple.files import write_aside
from crumple.label.formats.objects import (
    BOXES,
    ELLIPSES,
    Drawn,
    DrawnPhoto,
    Losses,
    as_polygons,
    as_text,
    box,
    ellipse,
    known_attributes,
)
from crumple.label.formats.reading import Entry, Reading, label_files, load_json, within
from crumple.label.shapes import Shape

FILE_NAME = "via.json"
GROUP = "group"  # the attribute by which pieces of one object find together again


class Outline(Entry):
    """shape_attributes: which fields there are depends on the name."""

    name: str
    all_points_x: list[float] = Field(default_factory=list)
    all_points_y: list[float] = Field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0
    cx: float = 0
    cy: float = 0
    r: float = 0
    rx: float = 0
    ry: float = 0
    theta: float = 0


class Region(Entry):
    """One drawn shape and what is said of it."""

    shape_attributes: Outline
    region_attributes: dict[str, Any] = Field(default_factory=dict)


class Photo(Entry):
    """One photo's entry."""

    filename: str
    regions: list[Region] = Field(default_factory=list)


class Photos(Entry):
    """The entries of a project or an annotations export, put under a key."""

    photos: list[Photo]


def read(path: Path, reading: Reading) -> None:
    """Read a project or an annotations export, or every .json file of a folder. Raises DataError."""
    photos: dict[str, Photo] = {}
    for file in label_files(path, ".json"):
        with reading.entry(within(file, path)):
            content = load_json(file)
            if path.is_dir() and is_attributes(content):
                continue
            entries = reading.as_model({"photos": _listed(content)}, file, Photos).photos
            photos |= {f"{within(file, path)}, entry {n} ({one.filename:.80})": one for n, one in enumerate(entries)}
    label = _label_attribute(path, photos, reading)
    for where, photo in photos.items():
        with reading.entry(where):
            found = reading.folder.find(photo.filename, None, "filename")
            objects = []
            for index, region in enumerate(photo.regions):
                with reading.entry(f"{where}, regions[{index}]"):
                    objects += _read_region(region, label, reading.losses)
            reading.add(found, objects, where)


def is_attributes(content: object) -> bool:
    """Whether this is what VIA exports as attributes: which there are, and nothing that is drawn."""
    return isinstance(content, dict) and content.keys() <= {"region", "file"}


def _listed(content: object) -> object:
    """The photos of a project, of an annotations export by key or as a list; each with its regions as a list."""
    if isinstance(content, dict):
        content = content.get("_via_img_metadata", content)
    if isinstance(content, dict):
        content = [*content.values()]
    if not isinstance(content, list):
        return content
    regions = ((one, one.get("regions")) for one in content if isinstance(one, dict))
    listed = {id(one): {**one, "regions": [*drawn.values()]} for one, drawn in regions if isinstance(drawn, dict)}
    return [listed.get(id(one), one) for one in content]


def _label_attribute(path: Path, photos: dict[str, Photo], reading: Reading) -> str:
    known: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for photo in photos.values():
        for region in photo.regions:
            for name, value in region.region_attributes.items():
                seen[name] += 1
                known[name] += reading.names is None or _word(value) in reading.names
    if seen and not any(known.values()):
        raise DataError(
            f"{path}: no attribute of its regions ({', '.join(sorted(seen)[:8])}) has values that the label map knows; "
            "add them to the label map"
        )
    return known.most_common(1)[0][0] if known else ""


def _word(value: object) -> str:
    """A drop-down or text is its word; a checkbox {"dent": true} is the one that is ticked."""
    if isinstance(value, dict):
        ticked = [str(word) for word, on in value.items() if on is True]
        return ticked[0] if len(ticked) == 1 else ""
    return str(value)


def _read_region(region: Region, label: str, losses: Losses) -> list[Drawn]:
    shape = region.shape_attributes
    if shape.name == "polygon":
        if len(shape.all_points_x) != len(shape.all_points_y):
            raise Complaint(
                "all_points_x", f"has {len(shape.all_points_x)} numbers, all_points_y {len(shape.all_points_y)}"
            )
        points = np.stack([shape.all_points_x, shape.all_points_y], axis=1).astype(np.float64)
    elif shape.name == "rect":
        points = box(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        losses.add(BOXES)
    elif shape.name in ("circle", "ellipse"):
        points = ellipse(shape.cx, shape.cy, shape.rx or shape.r, shape.ry or shape.r, np.rad2deg(shape.theta))
        losses.add(ELLIPSES)
    else:
        losses.add_kind(shape.name)
        return []
    rest = {name: value for name, value in region.region_attributes.items() if not isinstance(value, dict)}
    word = _word(region.region_attributes.get(label, ""))
    if not word:
        raise Complaint(f"region_attributes.{label}", "names no class, or several; name one")
    rest.pop(label, None)
    group = rest.pop(GROUP, None)
    return [Drawn(word, Shape((points,)), known_attributes(rest), None if group is None else str(group))]


def write(photos: Sequence[DrawnPhoto], out: Path, losses: Losses) -> None:
    """Write OUT/via.json, a VIA 2 project; several polygons of one object share a `group`."""
    entries = {_key(photo): _entry(photo, losses) for photo in photos}
    names = {name for entry in entries.values() for region in entry["regions"] for name in region["region_attributes"]}
    project = {
        "_via_settings": {"core": {"default_filepath": ""}, "project": {"name": "crumple"}},
        "_via_img_metadata": entries,
        "_via_attributes": {
            "region": {name: {"type": "text", "description": "", "default_value": ""} for name in sorted(names)},
            "file": {},
        },
        "_via_data_format_version": "2.0.10",
        "_via_image_id_list": list(entries),
    }
    with write_aside(out / FILE_NAME) as path:
        path.write_text(json.dumps(project, indent=1), encoding="utf-8")


def _key(photo: DrawnPhoto) -> str:
    """File name and size in bytes; VIA itself puts -1 for photos that it was given by path."""
    return f"{photo.file_name}-1"


def _entry(photo: DrawnPhoto, losses: Losses) -> dict[str, Any]:
    regions = []
    for group, drawn in enumerate(photo.objects, start=1):
        said = {"label": drawn.label} | {name: as_text(value) for name, value in drawn.attributes.items()}
        polygons = as_polygons(drawn.shape, losses)
        if len(polygons) > 1:
            said[GROUP] = str(group)
        for points in polygons:
            x, y = points.T.tolist()
            outline = {"name": "polygon", "all_points_x": x, "all_points_y": y}
            regions.append({"shape_attributes": outline, "region_attributes": said})
    return {"filename": photo.file_name, "size": -1, "regions": regions, "file_attributes": {}}
