"""COCO run lengths: a mask as alternating lengths of zeros and ones, down the columns.

The compressed form is pycocotools' own. Edges are where ones begin and end in turn, 2 R of them for R runs.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


def encode(columns: Integers, rows: Integers, height: int, width: int) -> dict[str, object]:
    """Compressed RLE {"size": [H, W], "counts": str} of the mask with edges at `columns` and `rows`, (2 R,) each."""
    from pycocotools import mask as coco_mask

    lengths = counts(columns, rows, height, width).tolist()
    runs = coco_mask.frPyObjects({"size": [height, width], "counts": lengths}, height, width)
    return {"size": [height, width], "counts": runs["counts"].decode("ascii")}


def counts(columns: Integers, rows: Integers, height: int, width: int) -> Integers:
    """Uncompressed run lengths of the same mask: zeros first, then ones, and so on; they add up to H * W."""
    if len(rows) and (min(columns[0], rows.min()) < 0 or columns[-1] >= width or rows.max() > height):
        reach = f"columns {columns[0]} to {columns[-1]} and rows {rows.min()} to {rows.max() - 1}"
        raise ValueError(f"a mask on {reach} does not fit a photo of {width}x{height}")
    # A run that ends at the bottom goes on at the top of the next column.
    edges = unique_edges(columns * height + rows)
    lengths = np.diff(np.concatenate([[0], edges, [height * width]]))
    return lengths[:-1] if len(lengths) > 1 and lengths[-1] == 0 else lengths


def unique_edges(edges: Integers) -> Integers:
    """Ascending edges (E,) without those that cancel out: where one run ends and the next begins, or an empty one."""
    first = np.flatnonzero(np.diff(edges, prepend=-1))
    times = np.diff(first, append=len(edges))
    return edges[first[times % 2 == 1]]


def decode_patch(runs: dict[str, Any]) -> tuple[npt.NDArray[np.bool_], int, int]:
    """A compressed RLE as `bitmap` (h, w) of the tight box around the mask, and the column and row where that begins.

    A mask without a pixel gives a bitmap of (0, 0) at (0, 0).
    """
    from pycocotools import mask as coco_mask

    x, y, columns, rows = (int(value) for value in coco_mask.toBbox(runs))
    if not columns or not rows:
        return np.zeros((0, 0), bool), 0, 0
    return np.ascontiguousarray(coco_mask.decode(runs)[y : y + rows, x : x + columns].astype(bool)), x, y


def decode(runs: dict[str, Any]) -> npt.NDArray[np.bool_]:
    """The mask (H, W) bool of a compressed RLE."""
    from pycocotools import mask as coco_mask

    return coco_mask.decode(runs).astype(bool)


def area(runs: dict[str, Any]) -> int:
    """Pixels in the mask of a compressed RLE."""
    from pycocotools import mask as coco_mask

    return int(coco_mask.area(runs))
