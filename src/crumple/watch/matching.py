"""Which box of one frame is which box of another: greedy, the most alike first.

N, M boxes (xyxy, pixels).
"""

import numpy as np
import numpy.typing as npt

from crumple.detect.boxes import box_iou


def likeness(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating], margin: float) -> npt.NDArray[np.float64]:
    """Intersection over union of boxes (N, 4) and (M, 4), each grown by `margin` pixels on every side -> (N, M).

    The margin is what keeps a scratch: two boxes of 4 pixels' height that are 4 pixels apart have nothing in common.
    """
    growth = np.array([-margin, -margin, margin, margin])
    a = np.asarray(a, np.float64).reshape(-1, 1, 4) + growth
    b = np.asarray(b, np.float64).reshape(1, -1, 4) + growth
    return box_iou(a, b)


def match(values: npt.NDArray[np.floating], least: float) -> list[tuple[int, int]]:
    """Pairs (row, column) of `values` (N, M) that are at least `least`, the highest first, each row and column once."""
    order = np.argsort(-values, axis=None, kind="stable")
    pairs: list[tuple[int, int]] = []
    rows, columns = set(), set()
    for row, column in zip(*np.unravel_index(order, values.shape), strict=True):
        if values[row, column] < least:
            break
        if row not in rows and column not in columns:
            pairs.append((int(row), int(column)))
            rows.add(row)
            columns.add(column)
    return pairs
