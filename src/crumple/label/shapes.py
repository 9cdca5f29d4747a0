"""What an annotator drew: polygons, or a mask as run lengths; in photo pixels, (0, 0) the photo's top left corner.

P points of a polygon; H, W the photo. Nothing here mends a shape that is wrong: `crumple label check` is to see it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.dataset.segmentation import Complaint, finite_numbers, polygon_area, polygons_box, read_rle, rle_box
from crumple.detect import rle
from crumple.detect.masks import Patch

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shape:
    """One object's outline. polygons: (P, 2) float64 xy each, all of them one object; or else runs: compressed RLE."""

    polygons: tuple[Points, ...] = ()
    runs: dict[str, Any] | None = None

    @classmethod
    def from_coco(cls, segmentation: object, height: int, width: int) -> "Shape":
        """Read a "segmentation" field. Raises Complaint if it is none; points may lie anywhere."""
        if isinstance(segmentation, dict):
            return cls(runs=read_rle(segmentation, height, width))
        if not isinstance(segmentation, list) or not segmentation:
            raise Complaint("segmentation", "must be polygons or RLE")
        polygons = [finite_numbers(flat, f"segmentation[{i}]") for i, flat in enumerate(segmentation)]
        for i, flat in enumerate(polygons):
            if len(flat) < 6 or len(flat) % 2:
                raise Complaint(f"segmentation[{i}]", f"has {len(flat)} coordinates; an even number from 6 is needed")
        return cls(tuple(flat.reshape(-1, 2) for flat in polygons))

    def to_coco(self) -> list[list[float]] | dict[str, Any]:
        """The "segmentation" field; points exactly as they are."""
        return self.runs if self.runs is not None else [polygon.ravel().tolist() for polygon in self.polygons]

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        """The tight box left, top, right, bottom."""
        return rle_box(self.runs) if self.runs is not None else polygons_box(self.polygons)

    @cached_property
    def area(self) -> float:
        """Square pixels; overlapping polygons count twice."""
        if self.runs is not None:
            return float(rle.area(self.runs))
        return sum(polygon_area(polygon) for polygon in self.polygons)

    def patch(self, height: int, width: int) -> Patch:
        """The pixels of it that lie on a photo (height, width), as COCO's own tools fill polygons."""
        if self.runs is not None:
            return Patch.from_rle(self.runs)
        from pycocotools import mask as coco_mask

        x1, y1, x2, y2 = self.box
        left, top = max(0, int(np.floor(x1))), max(0, int(np.floor(y1)))
        columns, rows = min(width, int(np.ceil(x2)) + 1) - left, min(height, int(np.ceil(y2)) + 1) - top
        if columns <= 0 or rows <= 0:
            return Patch(np.zeros(0, np.int64))
        moved = [(polygon - (left, top)).ravel().tolist() for polygon in self.polygons]
        filled = coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(moved, rows, columns)))
        return Patch.from_bitmap(filled.astype(bool), left, top)

    def on_photo(self, height: int, width: int) -> "Shape | None":
        """The part of it on a photo (height, width), exactly cut at the border; None if nothing with an area is."""
        if self.runs is not None:
            return self if self.area else None
        cut = tuple(polygon for polygon in (clip(p, height, width) for p in self.polygons) if polygon is not None)
        return Shape(cut) if cut else None

    def same(self, other: "Shape") -> bool:
        """Whether it is drawn with the same points, in whatever order its polygons stand, or the same pixels."""
        if self.runs is not None or other.runs is not None:
            return self.runs == other.runs
        mine, theirs = (sorted(polygon.tolist() for polygon in shape.polygons) for shape in (self, other))
        return mine == theirs


def iou(one: Patch, other: Patch) -> float:
    """Intersection over union of two masks; 0 if both are empty."""
    shared = one.overlap(other)
    union = one.area + other.area - shared
    return shared / union if union else 0.0


def rectangle(left: float, top: float, right: float, bottom: float, degrees: float = 0.0) -> Points:
    """The corners (4, 2) of a rectangle, turned clockwise (as seen on the photo) about its centre."""
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    if not degrees % 360:
        return corners
    centre, angle = corners.mean(axis=0), np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (corners - centre) @ turn + centre


def clip(polygon: Points, height: int, width: int) -> Points | None:
    """A polygon (P, 2) cut at the border of a photo; None if no area of it is left.

    Source: Sutherland and Hodgman, "Reentrant polygon clipping", 1974.
    """
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if low.min() >= 0 and high[0] <= width and high[1] <= height:
        return polygon if polygon_area(polygon) > 0 else None
    for axis, limit, sign in ((0, 0.0, 1), (0, float(width), -1), (1, 0.0, 1), (1, float(height), -1)):
        depth = sign * (polygon[:, axis] - limit)  # how far inside this border each point is
        kept = []
        for i in range(len(polygon)):
            before, here = depth[i - 1], depth[i]
            if (before < 0) != (here < 0):
                crossing = polygon[i - 1] + (polygon[i] - polygon[i - 1]) * (before / (before - here))
                crossing[axis] = limit
                kept.append(crossing)
            if here >= 0:
                kept.append(polygon[i])
        if len(kept) < 3:
            return None
        polygon = np.array(kept)
    return polygon if polygon_area(polygon) > 0 else None
