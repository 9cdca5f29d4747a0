"""Shapes on a picture: fills, outlines and dashes, placed to an eighth of a pixel.

A shape is (P, 2) int32 in OpenCV's fixed point, pixels * 2^FRACTION_BITS, see `fixed_point`.
"""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from crumple.colours import BLACK, RGB
from crumple.drawing.placement import Rect

Picture = npt.NDArray[np.uint8]
Shapes = list[npt.NDArray[np.int32]]

FRACTION_BITS = 3  # OpenCV's fixed-point coordinates: outlines are placed to an eighth of a pixel


def fixed_point(polygons: Iterable[npt.ArrayLike]) -> Shapes:
    """Polygons of x, y in photo pixels, flat or (P, 2), as shapes."""
    # A COCO polygon runs along pixel edges; OpenCV's coordinates are those of pixel centres.
    return [
        np.rint((np.asarray(polygon, np.float64).reshape(-1, 2) - 0.5) * 2**FRACTION_BITS).astype(np.int32)
        for polygon in polygons
    ]


def fill(picture: Picture, shapes: Shapes, colour: RGB, share: float) -> None:
    """Lay a colour over the inside of the shapes, in place; `share` is how much of it, 0 to 1."""
    if not shapes:
        return
    corners = np.concatenate(shapes) >> FRACTION_BITS
    left, top = np.maximum(corners.min(axis=0) - 1, 0)
    right, bottom = corners.max(axis=0) + 3
    region = picture[top:bottom, left:right]
    if region.size == 0:
        return
    inside = np.zeros(region.shape[:2], np.uint8)
    moved = [shape - (np.array([left, top], np.int32) << FRACTION_BITS) for shape in shapes]
    cv2.fillPoly(inside, moved, 1, cv2.LINE_8, FRACTION_BITS)  # the outline is drawn over the hard edge
    levels = np.arange(256, dtype=np.float32)[:, None]
    tint = np.rint(levels + (np.array(colour, np.float32) - levels) * share).astype(np.uint8)
    cv2.copyTo(cv2.LUT(region, tint[:, None]), inside, region)


def outline(picture: Picture, shapes: Shapes, colour: RGB, thickness: float, dash: float = 0) -> None:
    """Draw the shapes' outlines, anti-aliased, in place; `dash` is the length of a dash in pixels, 0 for none."""
    size = max(1, round(thickness))
    if not dash:
        cv2.polylines(picture, shapes, True, colour, size, cv2.LINE_AA, FRACTION_BITS)
        return
    for shape in shapes:
        cv2.polylines(picture, dashes(shape, dash * 2**FRACTION_BITS), False, colour, size, cv2.LINE_AA, FRACTION_BITS)


def dashes(shape: npt.NDArray[np.int32], length: float) -> Shapes:
    """A closed outline (P, 2) cut into dashes of about `length` with gaps as long, an even number of pieces."""
    closed = np.concatenate([shape, shape[:1]]).astype(np.float64)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    count = max(2, round(along[-1] / (2 * length)))
    starts = np.arange(count) * along[-1] / count
    pieces = []
    for start in starts:
        stop = start + 0.5 * along[-1] / count
        stations = np.concatenate([[start], along[(along > start) & (along < stop)], [stop]])
        points = np.stack([np.interp(stations, along, closed[:, axis]) for axis in (0, 1)], axis=1)
        pieces.append(np.rint(points).astype(np.int32))
    return pieces


def interior(shapes: Shapes) -> tuple[float, float] | None:
    """The point of the largest shape that is farthest from its outline, (x, y) in photo pixels; None without shapes."""
    if not shapes:
        return None
    shape = max(shapes, key=cv2.contourArea).astype(np.float64) / 2**FRACTION_BITS
    low, extent = shape.min(axis=0), np.ptp(shape, axis=0)
    cells = 64 / max(float(extent.max()), 1.0)
    grid = np.zeros((int(extent[1] * cells) + 3, int(extent[0] * cells) + 3), np.uint8)
    cv2.fillPoly(grid, [np.rint((shape - low) * cells + 1).astype(np.int32)], 255)
    row, column = np.unravel_index(int(cv2.distanceTransform(grid, cv2.DIST_L2, 3).argmax()), grid.shape)
    return float((column - 1) / cells + low[0]), float((row - 1) / cells + low[1])


def leader(picture: Picture, label: Rect, target: tuple[float, float], colour: RGB, line: float) -> None:
    """A line from a label that had to move to what it names, with a dot at the end, in place."""
    start = (
        round(min(max(target[0], label.left), label.right)),
        round(min(max(target[1], label.top), label.bottom)),
    )
    end = round(target[0]), round(target[1])
    for shade, size in ((BLACK, line * 1.8), (colour, line * 0.9)):
        cv2.line(picture, start, end, shade, max(1, round(size)), cv2.LINE_AA)
        cv2.circle(picture, end, max(2, round(size * 1.7)), shade, -1, cv2.LINE_AA)
