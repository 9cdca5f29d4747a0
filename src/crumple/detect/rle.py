"""COCO run lengths: a mask as alternating lengths of zeros and ones, down the columns.

The compressed form is pycocotools' own; the run lengths are taken from the patch alone, never from the whole photo.
"""

from typing import Any

import numpy as np
import numpy.typing as npt


def encode_patch(bitmap: npt.NDArray[np.bool_], x: int, y: int, height: int, width: int) -> dict[str, object]:
    """Compressed RLE {"size": [H, W], "counts": str} of a mask that is false outside `bitmap` (h, w) at (x, y)."""
    from pycocotools import mask as coco_mask

    counts = patch_counts(bitmap, x, y, height, width)
    runs = coco_mask.frPyObjects({"size": [height, width], "counts": counts.tolist()}, height, width)
    return {"size": [height, width], "counts": runs["counts"].decode("ascii")}


def patch_counts(bitmap: npt.NDArray[np.bool_], x: int, y: int, height: int, width: int) -> npt.NDArray[np.int64]:
    """Uncompressed run lengths of the same mask: zeros first, then ones, and so on; they add up to H * W."""
    import cv2

    rows, columns = bitmap.shape
    if x < 0 or y < 0 or x + columns > width or y + rows > height:
        raise ValueError(f"a patch of {columns}x{rows} pixels at ({x}, {y}) does not fit a photo of {width}x{height}")
    # Columns end to end, each closed by a false pixel: a run starts and stops where the value changes.
    columns_down = np.zeros((columns, rows + 1), bool)
    if bitmap.size:  # OpenCV's transpose is seven times faster than a strided copy, and refuses nothing at all
        columns_down[:, :-1] = cv2.transpose(bitmap.view(np.uint8)).view(bool)
    flat = columns_down.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat.size and flat[0]:
        changes = np.concatenate([[0], changes])
    column, row = np.divmod(changes, rows + 1)
    edges = (column + x) * height + row + y
    # Runs that touch across the column break (a mask from the bottom edge to the top edge of the next) are one run.
    starts, stops = edges[::2], edges[1::2]
    apart = starts[1:] != stops[:-1]
    starts = starts[np.concatenate([np.ones(min(1, len(starts)), bool), apart])]
    stops = stops[np.concatenate([apart, np.ones(min(1, len(stops)), bool)])]
    bounds = np.concatenate([[0], np.stack([starts, stops], axis=1).ravel(), [height * width]])
    counts = np.diff(bounds)
    return counts[:-1] if len(counts) > 1 and counts[-1] == 0 else counts


def decode_patch(runs: dict[str, Any]) -> tuple[npt.NDArray[np.bool_], int, int]:
    """The inverse of `encode_patch`: `bitmap` (h, w) of the tight box around the mask, and its x and y.

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
