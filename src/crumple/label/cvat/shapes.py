"""Labelled objects as CVAT's shapes, and back.

An object of several polygons is several shapes with one group number, as CVAT's own COCO import makes them. A mask is
run lengths along the rows of its box, followed by left, top, right and bottom pixel (the last two included).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.detect.masks import Patch
from crumple.label.annotations import LabelledObject
from crumple.label.cvat.schema import OCCLUDED, SCORE, attribute_ids, from_values, to_values
from crumple.label.shapes import Shape, rectangle
from crumple.taxonomy import DAMAGES, PARTS

NAMES = frozenset((*PARTS, *DAMAGES))


@dataclass(frozen=True)
class Refused:
    """Something drawn that a version cannot hold. frame: in its task. reason: for a person."""

    job: int
    frame: int | None
    label: str
    reason: str


def to_cvat(
    objects: Iterable[LabelledObject],
    frame: int,
    labels: Mapping[str, Mapping[str, Any]],
    groups: "count[int]",
    size: tuple[int, int],
    with_source: bool = True,
) -> list[dict[str, Any]]:
    """The shapes of one frame.

    Args:
        labels: the project's, by name.
        groups: gives a new number for each object of several polygons; one for the whole task.
        size: height and width of the photo.
        with_source: say "auto" of what has a score, a model's, and "manual" of the rest; else leave the field out.
    """
    shapes = []
    for labelled in objects:
        label = labels[labelled.label]
        common = {
            "label_id": label["id"],
            "frame": frame,
            "occluded": bool(labelled.attributes.get(OCCLUDED)),
            "attributes": to_values(labelled.attributes, attribute_ids(label)),
            **({"source": "auto" if SCORE in labelled.attributes else "manual"} if with_source else {}),
            **({"score": labelled.attributes[SCORE]} if SCORE in labelled.attributes else {}),
        }
        if labelled.shape.runs is not None:
            points = mask_points(labelled.shape.patch(*size))
            shapes.append({**common, "type": "mask", "points": points, "group": 0})
            continue
        group = next(groups) if len(labelled.shape.polygons) > 1 else 0
        shapes += [
            {**common, "type": "polygon", "points": polygon.ravel().tolist(), "group": group}
            for polygon in labelled.shape.polygons
        ]
    return shapes


def from_cvat(
    annotations: Mapping[str, Any], job: int, labels: Sequence[Mapping[str, Any]], sizes: Mapping[int, tuple[int, int]]
) -> tuple[dict[int, list[LabelledObject]], list[Refused]]:
    """The objects of a job by frame, and what cannot be taken.

    Args:
        annotations: the answer of CVAT.
        labels: the project's.
        sizes: height and width of the frames that count; what is drawn on others is left out.
    """
    names = {label["id"]: label["name"] for label in labels}
    attributes = {label["id"]: {i: name for name, i in attribute_ids(label).items()} for label in labels}
    refused = [
        Refused(job, track.get("frame"), names.get(track["label_id"], "?"), "a track; draw shapes on single frames")
        for track in annotations.get("tracks", [])
    ]
    refused += [
        Refused(job, tag["frame"], names.get(tag["label_id"], "?"), "a tag, which says nothing about where")
        for tag in annotations.get("tags", [])
    ]
    pieces: dict[tuple[Any, ...], list[tuple[Mapping[str, Any], Shape]]] = {}
    # CVAT gives the shapes of a frame in any order; their ids are in the order in which they were drawn.
    drawn = sorted(annotations.get("shapes", []), key=lambda entry: entry.get("id") or 0)
    for number, entry in enumerate(drawn):
        frame, label = entry["frame"], names.get(entry["label_id"], "?")
        if frame not in sizes:
            continue
        try:
            if label not in NAMES:
                raise ValueError("a label that is not in the taxonomy")
            shape = _read(entry, *sizes[frame])
        except ValueError as error:
            refused.append(Refused(job, frame, label, str(error)))
            continue
        group = entry.get("group") or 0
        key = (frame, group, label) if group else (frame, number)
        pieces.setdefault(key, []).append((entry, shape))
    objects: dict[int, list[LabelledObject]] = {}
    for key, members in pieces.items():
        entry = members[0][0]
        shape = _joined([shape for _, shape in members], *sizes[key[0]])
        values = from_values(entry.get("attributes", []), attributes[entry["label_id"]])
        if entry.get("occluded"):  # CVAT's own mark, which annotators set with one key
            values[OCCLUDED] = True
        objects.setdefault(key[0], []).append(LabelledObject(names[entry["label_id"]], shape, values))
    return objects, refused


def mask_points(patch: Patch) -> list[float]:
    """A mask as CVAT's run lengths: zeros first, row by row over the box, then the box."""
    left, top, right, bottom = patch.box
    flat = patch.bitmap().ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    bounds = np.concatenate([[0], changes, [flat.size]])
    runs = np.diff(bounds).tolist()
    return [*([0] if flat[0] else []), *runs, left, top, right - 1, bottom - 1]


def read_mask(points: Sequence[float], height: int, width: int) -> Patch:
    """The inverse. Raises ValueError if run lengths do not fit their box, or the box does not fit the photo."""
    values = np.asarray(points, np.float64)
    if len(values) < 5 or (values != np.floor(values)).any() or (values < 0).any():
        raise ValueError("a mask that is broken")
    *lengths, left, top, right, bottom = values.astype(np.int64).tolist()
    if left > right or top > bottom or right >= width or bottom >= height:
        raise ValueError("a mask that lies off the photo")
    if sum(lengths) != (right - left + 1) * (bottom - top + 1):
        raise ValueError("a mask whose run lengths do not fill its box")
    flat: npt.NDArray[np.bool_] = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    if not flat.any():
        raise ValueError("a mask without a pixel")
    return Patch.from_bitmap(flat.reshape(bottom - top + 1, -1), left, top)


def _read(entry: Mapping[str, Any], height: int, width: int) -> Shape:
    """One shape, cut at the photo's border. Raises ValueError saying why it cannot be taken."""
    kind, points = entry["type"], entry["points"]
    if kind == "mask":
        return Shape(runs=read_mask(points, height, width).rle(height, width))
    if kind == "rectangle":
        left, top, right, bottom = points
        polygon = rectangle(left, top, right, bottom, entry.get("rotation") or 0.0)
    elif kind == "polygon":
        if len(points) < 6 or len(points) % 2:
            raise ValueError("a polygon of fewer than 3 points")
        polygon = np.asarray(points, np.float64).reshape(-1, 2)
    else:
        raise ValueError(f"drawn as {kind}; draw a polygon, mask or rectangle")
    shape = Shape((polygon,)).on_photo(height, width)
    if shape is None:
        raise ValueError(f"a {kind} without an area on the photo")
    return shape


def _joined(shapes: Sequence[Shape], height: int, width: int) -> Shape:
    """One shape of all; as soon as one is a mask, all become one mask."""
    if len(shapes) == 1:
        return shapes[0]
    if all(shape.runs is None for shape in shapes):
        return Shape(tuple(polygon for shape in shapes for polygon in shape.polygons))
    return Shape(runs=Patch.union(shape.patch(height, width) for shape in shapes).rle(height, width))
