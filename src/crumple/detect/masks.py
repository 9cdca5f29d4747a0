"""Masks: from a small grid of probabilities in a box to pixels of the photo.

M: cells along one side of the grid; H, W: photo; h, w: the patch of it that the box covers.
Pixel i covers [i, i + 1) and its value is that of its centre; grid cells likewise ("half-pixel aligned").
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.detect import rle

MASK_THRESHOLD = 0.5


@dataclass(frozen=True)
class Patch:
    """The pixels of one mask inside its box: `bitmap` (h, w) bool, its top left pixel at column `x`, row `y`.

    Everything outside the patch is false, so areas, overlaps and run lengths cost what the box costs, not the photo.
    """

    bitmap: npt.NDArray[np.bool_]
    x: int
    y: int

    @cached_property
    def area(self) -> int:
        """Pixels in the mask."""
        return int(np.count_nonzero(self.bitmap))

    def overlap(self, other: "Patch") -> int:
        """Pixels that both masks cover."""
        mine, theirs = self._shared(other)
        return int(np.count_nonzero(self.bitmap[mine] & other.bitmap[theirs]))

    def on_photo(self, height: int, width: int) -> npt.NDArray[np.bool_]:
        """The mask (height, width) bool of the whole photo."""
        full = np.zeros((height, width), bool)
        rows, columns = self.bitmap.shape
        full[self.y : self.y + rows, self.x : self.x + columns] = self.bitmap
        return full

    def rle(self, height: int, width: int) -> dict[str, object]:
        """COCO compressed run lengths on a photo (height, width): {"size": [H, W], "counts": str}."""
        return rle.encode_patch(self.bitmap, self.x, self.y, height, width)

    @classmethod
    def from_rle(cls, runs: dict[str, Any]) -> "Patch":
        """The inverse of `rle`, cropped to the tight box around the mask."""
        return cls(*rle.decode_patch(runs))

    def _shared(self, other: "Patch") -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        top, left = max(self.y, other.y), max(self.x, other.x)
        bottom = max(top, min(self.y + self.bitmap.shape[0], other.y + other.bitmap.shape[0]))
        right = max(left, min(self.x + self.bitmap.shape[1], other.x + other.bitmap.shape[1]))
        return (
            (slice(top - self.y, bottom - self.y), slice(left - self.x, right - self.x)),
            (slice(top - other.y, bottom - other.y), slice(left - other.x, right - other.x)),
        )


def paste(grid: npt.NDArray[np.float32], box: npt.ArrayLike, height: int, width: int) -> Patch:
    """Threshold the grid (M, M) of probabilities in `box` (xyxy photo pixels) at the photo's own pixels.

    A pixel belongs to the mask if its centre lies in the box and the bilinear value there exceeds 0.5. Cells on the
    rim reach to the box's edge, so an object that fills its box is not eaten from outside. A box with no pixel centre
    on the photo gives an empty patch.
    """
    x0, y0, x1, y1 = (float(value) for value in np.asarray(box, np.float64))
    left, right = _pixels(x0, x1, width)
    top, bottom = _pixels(y0, y1, height)
    if right <= left or bottom <= top:
        return Patch(np.zeros((0, 0), bool), 0, 0)
    lines = _interpolate(grid, *_neighbours(np.arange(left, right) + 0.5, x0, x1, grid.shape[1]))  # (M, w)
    low, share = _neighbours(np.arange(top, bottom) + 0.5, y0, y1, grid.shape[0])
    bitmap = np.empty((bottom - top, right - left), bool)
    # Pixel rows between the same two grid rows at a time: one product and one comparison a pixel, in the cache.
    starts = np.flatnonzero(np.diff(low, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(low)], strict=True):
        rows, i = slice(start, stop), low[start]
        np.greater(share[rows, None] * (lines[i + 1] - lines[i]), MASK_THRESHOLD - lines[i], out=bitmap[rows])
    return Patch(bitmap, left, top)


def crop_grid(grid: npt.NDArray[np.float32], box: npt.ArrayLike, inner: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The grid (M, M) of `box` resampled to the frame of `inner`, a box inside it. Both xyxy, of positive size."""
    x0, y0, x1, y1 = (float(value) for value in np.asarray(box, np.float64))
    left, top, right, bottom = (float(value) for value in np.asarray(inner, np.float64))
    cells = (np.arange(grid.shape[0]) + 0.5) / grid.shape[0]
    lines = _interpolate(grid, *_neighbours(left + cells * (right - left), x0, x1, grid.shape[1]))
    return _interpolate(lines.T, *_neighbours(top + cells * (bottom - top), y0, y1, grid.shape[0])).T


def _neighbours(
    positions: npt.NDArray[np.floating[Any]], start: float, stop: float, cells: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For P positions among cell centres spread over [start, stop]: the cell before each, and how far on it lies.

    Before the first centre and after the last, that cell's value holds.
    """
    place = np.clip((positions - start) / (stop - start) * cells - 0.5, 0, cells - 1)
    low = np.minimum(place.astype(np.int64), cells - 2)
    return low, (place - low).astype(np.float32)


def _interpolate(
    grid: npt.NDArray[np.float32], low: npt.NDArray[np.int64], share: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Linear interpolation along the last axis: (M, cells) -> (M, P)."""
    grid = np.asarray(grid, np.float32)
    return grid[:, low] * (1 - share) + grid[:, low + 1] * share


def _pixels(start: float, stop: float, limit: int) -> tuple[int, int]:
    """First and one-past-last pixel whose centres lie in [start, stop) on an axis of `limit` pixels."""
    return max(0, int(np.ceil(start - 0.5))), min(limit, int(np.ceil(stop - 0.5)))
