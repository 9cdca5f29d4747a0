"""Outlines of masks as polygons, along the edges of their pixels.

R: runs of the mask down its columns. Each run has two edges, a pixel wide: its upper one is walked to the right, its
lower one to the left, so that the mask lies to the right of the way. Edge 2 r is the upper, 2 r + 1 the lower of run r.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from crumple.detect.masks import Patch

TOLERANCE = 0.75  # pixels: half a step of a slanting edge, and a little
Corners = npt.NDArray[np.int32]


def outlines(patch: Patch, *, tolerance: float = TOLERANCE) -> list[npt.NDArray[np.float64]]:
    """Polygons (P, 2) xy round each piece of a mask, in photo pixels; largest first.

    They run along pixel edges, not through pixel centres, so that a scratch one pixel wide keeps its area; then each is
    simplified to within `tolerance` pixels (0: exact). Holes cannot be said in COCO polygons: the RLE has them.
    """
    import cv2

    polygons: list[tuple[float, npt.NDArray[np.float64]]] = []
    for corners in _outer(patch):
        if tolerance > 0:
            corners = np.asarray(cv2.approxPolyDP(corners, tolerance, closed=True), np.int32).reshape(-1, 2)
        if len(corners) >= 3:
            polygons.append((cv2.contourArea(corners), corners.astype(np.float64)))
    return [polygon for _, polygon in sorted(polygons, key=lambda item: item[0], reverse=True)]


def _outer(patch: Patch) -> list[Corners]:
    """The closed ways round all pieces but those that lie in a hole of another, which covers them."""
    import cv2

    columns = patch.columns
    loops, loop_of, first = _loops(columns, patch.rows)
    pieces = [cv2.contourArea(loop, oriented=True) > 0 for loop in loops]  # else holes
    covered: list[bool] = []
    for piece, edge in zip(pieces, first, strict=True):
        # The edge above its first one, if there is one in that column, is of a hole round it, or of a piece beside it.
        above = loop_of[edge - 1] if edge and columns[edge - 1] == columns[edge] else None
        covered.append(piece and above is not None and (covered[above] or not pieces[above]))
    return [loop for loop, piece, hidden in zip(loops, pieces, covered, strict=True) if piece and not hidden]


def _loops(columns: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> tuple[list[Corners], list[int], list[int]]:
    """The closed ways (C, 2) xy along all edges, their corners alone; clockwise as seen round pieces, else round holes.

    Pieces that touch at a corner are one. Beside them the way of each edge (2 R,), and the first edge of each way.
    """
    follows = _followers(columns, rows).tolist()
    loop_of = [-1] * len(follows)
    order: list[int] = []
    starts: list[int] = []
    first: list[int] = []
    for edge in range(len(follows)):
        if loop_of[edge] < 0:
            starts.append(len(order))
            first.append(edge)
        while loop_of[edge] < 0:
            order.append(edge)
            loop_of[edge] = len(first) - 1
            edge = follows[edge]
    ways = np.array(order, np.int64)
    lower = ways % 2
    begin = np.stack([columns[ways] + lower, rows[ways]], axis=1)
    end = np.stack([columns[ways] + 1 - lower, rows[ways]], axis=1)
    loops = []
    for start, stop in pairwise([*starts, len(ways)]):
        points = np.stack([begin[start:stop], end[start:stop]], axis=1)  # (edges, begin and end, xy)
        level = points[:, 0, 1]
        bends = np.stack([level != np.roll(level, 1), level != np.roll(level, -1)], axis=1)
        loops.append(points[bends].astype(np.int32))
    return loops, loop_of, first


def _followers(columns: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The edge (2 R,) that the way takes after each edge.

    Between two columns of pixels the way goes up or down where one is inside and the other is not: sorted by row, the
    edges' ends there pair up, first with second, third with fourth.
    """
    edges = np.arange(len(rows))
    lower = edges % 2
    # 2 * edge: its left end, 2 * edge + 1: its right end. Of equal ones upper edges first: corners that touch connect.
    where = np.concatenate([columns * 2**34 + rows * 2 + lower, (columns + 1) * 2**34 + rows * 2 + lower])
    ends = np.concatenate([2 * edges, 2 * edges + 1])[np.argsort(where, kind="stable")]
    partner = np.empty_like(ends)
    partner[ends[::2]], partner[ends[1::2]] = ends[1::2], ends[::2]
    return partner[2 * edges + 1 - lower] // 2  # an upper edge is left at its right end, a lower one at its left
