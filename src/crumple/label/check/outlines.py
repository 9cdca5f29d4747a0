"""Outlines that cannot be meant: they cross themselves, are too small, or leave the photo. P points of a polygon."""

from collections.abc import Iterator, Sequence

import numpy as np

from crumple.dataset.segmentation import OVERHANG
from crumple.label.annotations import VersionPhoto
from crumple.label.check.placed import Placed, review_item
from crumple.label.review import ReviewItem
from crumple.label.shapes import Points, Shape
from crumple.taxonomy import title

# Square pixels. Smaller than this nobody sees what it is; most are slips of the hand.
TINY = 16.0
# Loops at a corner that the hand made are below this share of the outline's area.
SLIP = 0.005
EDGES = 256  # compared with all others at a time: memory for a mask's outline of thousands of points


def check_outlines(photo: VersionPhoto, objects: Sequence[Placed]) -> Iterator[ReviewItem]:
    """Self-intersecting, tiny and off-image objects of one photo."""
    for one in objects:
        outside = _share_outside(one.labelled.shape, photo)
        if outside:
            whole = "all of it" if outside == 1 else f"{outside:.0%} of it"
            text = f"Off the photo of {photo.width} x {photo.height} pixels: {title(one.label)}, {whole}."
            yield review_item(photo, "off_image", 0.5 + outside / 2, text, [one])
        lost = max((_disputed(points) for points in one.labelled.shape.polygons), default=0.0)
        area = one.labelled.shape.area
        if lost > SLIP:
            text = f"The outline crosses itself: {title(one.label)}; {lost:.0%} of its area is in doubt."
            yield review_item(photo, "self_intersection", 0.4 + 0.6 * lost, text, [one])
        elif area < TINY:
            text = f"Tiny, {area:.1f} square pixels: {title(one.label)}."
            yield review_item(photo, "tiny", 0.8 - 0.5 * area / TINY, text, [one])


def crosses_itself(points: Points) -> bool:
    """Whether any two edges of the closed polygon (P, 2) cross in their insides; to touch is not to cross."""
    ends = np.roll(points, -1, axis=0)
    for start in range(0, len(points), EDGES):
        some = slice(start, start + EDGES)
        theirs_apart = _apart(points[some, None], ends[some, None], points[None], ends[None])
        mine_apart = _apart(points[None], ends[None], points[some, None], ends[some, None])
        if (theirs_apart & mine_apart).any():
            return True
    return False


def _apart(a: Points, b: Points, p: Points, q: Points) -> np.ndarray:
    """Whether p and q lie on different sides of the line from a to b, and neither on it."""
    return _side(a, b, p) * _side(a, b, q) < 0


def _side(a: Points, b: Points, p: Points) -> np.ndarray:
    """-1, 0 or 1: on which side of the line from a to b each p lies."""
    ab, ap = b - a, p - a
    return np.sign(ab[..., 0] * ap[..., 1] - ab[..., 1] * ap[..., 0])


def _disputed(points: Points) -> float:
    """Share of a polygon's area on which the shoelace formula and COCO's filling differ; 0 unless it crosses itself.

    A loop that runs backwards is subtracted by the one and filled by the other; of one that runs round twice the one
    counts the area double, and the other makes it a hole.
    """
    if not crosses_itself(points):
        return 0.0
    extent = max(float(np.ptp(points, axis=0).max()), 1.0)
    scale = min(8.0, 3200 / extent)  # fine enough for small outlines, and never a huge canvas
    shape = Shape(((points - points.min(axis=0)) * scale,))
    side = int(np.ceil(extent * scale)) + 1
    filled = shape.patch(side, side).area
    return abs(shape.area - filled) / max(shape.area, filled, 1.0)


def _share_outside(shape: Shape, photo: VersionPhoto) -> float:
    left, top, right, bottom = shape.box
    if min(left, top) >= -OVERHANG and right <= photo.width + OVERHANG and bottom <= photo.height + OVERHANG:
        return 0.0
    inside = shape.on_photo(photo.height, photo.width)
    return 1 - inside.area / shape.area if inside and shape.area else 1.0
