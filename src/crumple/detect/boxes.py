"""Boxes as arrays: xyxy, pixels."""

from typing import Any

import numpy as np
import numpy.typing as npt


def box_iou(a: npt.NDArray[np.floating[Any]], b: npt.NDArray[np.floating[Any]]) -> npt.NDArray[Any]:
    """Intersection over union of boxes (..., 4) and (..., 4), broadcast against each other; 0 for two without area."""
    overlap = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = overlap.clip(min=0).prod(axis=-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).clip(min=0).prod(axis=-1) for boxes in (a, b)]
    union: npt.NDArray[Any] = areas[0] + areas[1] - shared
    return shared / np.maximum(union, np.finfo(np.float32).tiny)
