"""The "segmentation" field of a COCO annotation: polygons, compressed RLE, uncompressed RLE.

Everything here raises Complaint: what is wrong with which part of the field, without file or id; coco.py adds those.
"""

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

# Rounding and mask-to-polygon tools put points up to this far (pixels) outside the photo; further out is a mistake.
OVERHANG = 2.0


class Complaint(ValueError):
    """One thing wrong with one field."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def finite_numbers(values: object, field: str) -> np.ndarray:
    """A list of JSON numbers as (N,) float64."""
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise Complaint(field, "must be a list of numbers")
    try:
        numbers = np.array(values, dtype=np.float64)
    except OverflowError:
        raise Complaint(field, "holds a number too large for any photo") from None
    if not np.isfinite(numbers).all():
        raise Complaint(field, f"holds {numbers[~np.isfinite(numbers)][0]}, which is no number")
    return numbers


def polygon_area(points: np.ndarray) -> float:
    """Area in square pixels of the polygon (P, 2), by the shoelace formula."""
    x, y = (points - points[0]).T  # about a corner of its own, so that large coordinates cost no precision
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def read_polygons(value: list[Any], height: int, width: int) -> tuple[np.ndarray, ...]:
    """Polygons [[x, y, x, y, ...], ...] as (P, 2) float64 each, with an overhang of up to OVERHANG px clipped."""
    if not value:
        raise Complaint("segmentation", "has no polygon")
    polygons = []
    for index, flat in enumerate(value):
        field = f"segmentation[{index}]"
        coordinates = finite_numbers(flat, field)
        if len(coordinates) % 2:
            raise Complaint(field, f"has an odd number of coordinates ({len(coordinates)})")
        if len(coordinates) < 6:
            raise Complaint(field, f"is an empty polygon: {len(coordinates) // 2} points, at least 3 are needed")
        points = coordinates.reshape(-1, 2)
        low, high = points.min(axis=0), points.max(axis=0)
        if low.min() < -OVERHANG or high[0] > width + OVERHANG or high[1] > height + OVERHANG:
            span = f"x {low[0]:g} to {high[0]:g}, y {low[1]:g} to {high[1]:g}"
            raise Complaint(field, f"lies outside the image: {span}; the image is {width}x{height}")
        points = np.clip(points, 0.0, (width, height))
        if polygon_area(points) <= 0:
            raise Complaint(field, "is an empty polygon: it has no area inside the image")
        polygons.append(points)
    return tuple(polygons)


def read_rle(value: dict[str, Any], height: int, width: int) -> dict[str, Any]:
    """Compressed or uncompressed RLE as compressed RLE with text counts.

    The run lengths are checked before pycocotools sees them: its C code trusts them, and writes where they say.
    """
    if value.get("size") != [height, width]:
        expected = f"[{height}, {width}] (height, width)"
        raise Complaint("segmentation.size", f"is {value.get('size')!r}, but the image is {expected}")
    counts = value.get("counts")
    field = "segmentation.counts"
    if isinstance(counts, str):
        runs = _uncompress(counts)
    elif isinstance(counts, list) and all(type(run) is int for run in counts):
        runs = counts
    else:
        raise Complaint(field, "must be a list of whole numbers or compressed text")
    if any(run < 0 for run in runs) or sum(runs) != height * width:
        raise Complaint(field, f"does not cover the image: its runs sum to {sum(runs)}, not {height * width} pixels")
    if sum(runs[1::2]) == 0:
        raise Complaint("segmentation", "is an empty mask")
    rle = coco_mask.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return {"size": [height, width], "counts": rle["counts"].decode("ascii")}


def _uncompress(text: str) -> list[int]:
    """COCO's compressed counts as run lengths: 5 bits a character, low first, and differences from the third run on.

    The format is rleFrString in pycocotools' maskApi.c.
    """
    runs: list[int] = []
    position = 0
    while position < len(text):
        value = shift = 0
        while True:
            chunk = ord(text[position]) - 48 if position < len(text) else -1
            if not 0 <= chunk < 64 or shift > 50:
                raise Complaint("segmentation.counts", f"is not compressed RLE: broken at character {position + 1}")
            value |= (chunk & 0x1F) << shift
            shift += 5
            position += 1
            if not chunk & 0x20:
                if chunk & 0x10:
                    value -= 1 << shift
                break
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
    return runs


def check_box(value: object, height: int, width: int) -> None:
    """Check a "bbox" field, [x, y, width, height] in pixels."""
    box = finite_numbers(value, "bbox")
    if len(box) != 4:
        raise Complaint("bbox", f"has {len(box)} numbers; it must be [x, y, width, height]")
    x, y, box_width, box_height = (float(number) for number in box)
    if box_width <= 0 or box_height <= 0:
        raise Complaint("bbox", f"is empty: width {box_width:g}, height {box_height:g}")
    if min(x, y) < -OVERHANG or x + box_width > width + OVERHANG or y + box_height > height + OVERHANG:
        span = f"x {x:g} to {x + box_width:g}, y {y:g} to {y + box_height:g}"
        raise Complaint("bbox", f"lies outside the image: {span}; the image is {width}x{height}")


def rle_box(rle: dict[str, Any]) -> tuple[float, float, float, float]:
    """The tight box x1, y1, x2, y2 around a compressed RLE mask."""
    x, y, width, height = (float(number) for number in coco_mask.toBbox(rle))
    return x, y, x + width, y + height


def polygons_box(polygons: tuple[np.ndarray, ...]) -> tuple[float, float, float, float]:
    """The tight box x1, y1, x2, y2 around polygons of (P, 2) points."""
    points = np.concatenate(polygons)
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    return float(x1), float(y1), float(x2), float(y2)
