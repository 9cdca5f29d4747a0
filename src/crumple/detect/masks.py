"""Masks: from a small grid of probabilities in a box to pixels of the photo.

M: cells along one side of the grid; H, W: photo; R: runs of a mask, pixels below each other in one column.
Pixel i covers [i, i + 1) and its value is that of its centre; grid cells likewise ("half-pixel aligned").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.detect import rle

MASK_THRESHOLD = 0.5
_TALL = 2**32  # more than any photo's height: column * _TALL + row orders pixels down the columns


@dataclass(frozen=True, eq=False)
class Patch:
    """The pixels of one mask, as runs down the columns of a photo.

    edges (2 R,) int64: where runs begin and end (one past the last pixel) in turn, as column * 2**32 + row, ascending;
    no two are equal. Areas, overlaps and COCO's run lengths cost what the outline is long, not what the mask is large.
    """

    edges: npt.NDArray[np.int64]

    @classmethod
    def from_edges(cls, columns: npt.NDArray[np.integer[Any]], rows: npt.NDArray[np.integer[Any]]) -> "Patch":
        """From beginnings and ends in turn, (2 R,) each, of runs that may be empty or touch; by column, then row."""
        return cls(rle.unique_edges(columns.astype(np.int64) * _TALL + rows))

    @classmethod
    def from_bitmap(cls, bitmap: npt.NDArray[np.bool_], x: int = 0, y: int = 0) -> "Patch":
        """From pixels (h, w) bool whose top left one is at column `x`, row `y`."""
        down = np.pad(bitmap.T, ((0, 0), (1, 1)))
        columns, rows = np.nonzero(down[:, 1:] != down[:, :-1])
        return cls.from_edges(columns + x, rows + y)

    @classmethod
    def from_rle(cls, runs: dict[str, Any]) -> "Patch":
        """The inverse of `rle`."""
        return cls.from_bitmap(*rle.decode_patch(runs))

    @classmethod
    def union(cls, patches: Iterable["Patch"]) -> "Patch":
        """The pixels that any of `patches` covers."""
        edges = np.concatenate([np.zeros(0, np.int64), *(patch.edges for patch in patches)])
        order = np.argsort(edges, kind="stable")
        steps = np.where(order % 2, -1, 1)  # every patch has an even number of edges
        depth = np.cumsum(steps)
        return cls(rle.unique_edges(edges[order][np.where(steps > 0, depth == 1, depth == 0)]))

    @property
    def columns(self) -> npt.NDArray[np.int64]:
        """(2 R,): the column of each edge."""
        return self.edges // _TALL

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """(2 R,): the row of each edge, the first of a run and one past its last in turn."""
        return self.edges % _TALL

    @cached_property
    def area(self) -> int:
        """Pixels in the mask."""
        return int((self.edges[1::2] - self.edges[::2]).sum())

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """The tight box left, top, right, bottom; all 0 for a mask without a pixel."""
        if not self.area:
            return 0, 0, 0, 0
        columns, rows = self.columns, self.rows
        return int(columns[0]), int(rows.min()), int(columns[-1]) + 1, int(rows.max())

    def overlap(self, other: "Patch") -> int:
        """Pixels that both masks cover."""
        if not (self.area and other.area):
            return 0
        # Mine before each of my edges; between two edges they grow by one a pixel, or not at all.
        ends = np.cumsum(self.edges[1::2] - self.edges[::2])
        before = np.stack([np.concatenate([[0], ends[:-1]]), ends], axis=1).ravel()
        shared = np.interp(other.edges, self.edges, before)
        return round(float((shared[1::2] - shared[::2]).sum()))

    def bitmap(self) -> npt.NDArray[np.bool_]:
        """The pixels (h, w) bool of the tight box."""
        left, top, right, bottom = self.box
        counts = rle.counts(self.columns - left, self.rows - top, bottom - top, right - left)
        flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
        return np.ascontiguousarray(flat.reshape(right - left, bottom - top).T)

    def on_photo(self, height: int, width: int) -> npt.NDArray[np.bool_]:
        """The mask (height, width) bool of the whole photo."""
        full = np.zeros((height, width), bool)
        left, top, right, bottom = self.box
        full[top:bottom, left:right] = self.bitmap()
        return full

    def rle(self, height: int, width: int) -> dict[str, object]:
        """COCO compressed run lengths on a photo (height, width): {"size": [H, W], "counts": str}."""
        return rle.encode(self.columns, self.rows, height, width)


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
        return Patch(np.zeros(0, np.int64))
    grid = np.nan_to_num(grid)  # what is no number is no mask
    # Each column of pixels is linear from one row of cells to the next: where it crosses the threshold is solved for.
    low, share = _neighbours(np.arange(left, right) + 0.5, x0, x1, grid.shape[1])
    lines = _interpolate(grid.T, low, share)  # (w, M)
    above = np.pad(lines > MASK_THRESHOLD, ((0, 0), (1, 1)))
    column, cell = np.divmod(np.flatnonzero(above[:, 1:] != above[:, :-1]), grid.shape[0] + 1)
    before, after = lines[column, np.maximum(cell - 1, 0)], lines[column, np.minimum(cell, grid.shape[0] - 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = cell - 0.5 + (MASK_THRESHOLD - before) / (after - before).astype(np.float64)
    place = y0 + crossing * (y1 - y0) / grid.shape[0] - 0.5  # counted from the first pixel's centre
    place = np.where(cell == 0, top - 1, np.where(cell == grid.shape[0], bottom, place))
    rows = np.empty(len(place), np.int64)
    rows[::2], rows[1::2] = np.floor(place[::2]) + 1, np.ceil(place[1::2])
    return Patch.from_edges(column + left, np.clip(rows, top, bottom))


def crop_grid(grid: npt.NDArray[np.float32], box: npt.ArrayLike, inner: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """The grid (M, M) of `box` resampled to the frame of `inner`, a box inside it. Both xyxy, of positive size."""
    x0, y0, x1, y1 = (float(value) for value in np.asarray(box, np.float64))
    left, top, right, bottom = (float(value) for value in np.asarray(inner, np.float64))
    cells = (np.arange(grid.shape[0]) + 0.5) / grid.shape[0]
    lines = _interpolate(grid.T, *_neighbours(left + cells * (right - left), x0, x1, grid.shape[1]))
    return _interpolate(lines.T, *_neighbours(top + cells * (bottom - top), y0, y1, grid.shape[0]))


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
    """Linear interpolation along the first axis: (cells, M) -> (P, M)."""
    grid = np.ascontiguousarray(grid, np.float32)
    return grid[low] + np.diff(grid, axis=0)[low] * share[:, None]


def _pixels(start: float, stop: float, limit: int) -> tuple[int, int]:
    """First and one-past-last pixel whose centres lie in [start, stop) on an axis of `limit` pixels."""
    return max(0, int(np.ceil(start - 0.5))), min(limit, int(np.ceil(stop - 0.5)))
