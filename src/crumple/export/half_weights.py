"""Weights that half precision stores exactly, so that every exported format holds the same numbers."""

import numpy as np

from crumple.export.errors import ExportError
from crumple.model.mask_rcnn import MaskRCNN


def make_half_exact(model: MaskRCNN) -> None:
    """Round `model`'s kernels to half precision, in place; vectors, being small, stay as they are.

    Raises ExportError when a kernel exceeds the range of half precision.
    """
    for part in model.parts:
        for variable in part.weights:
            kernel = np.asarray(variable.value)
            if kernel.ndim < 2:
                continue
            with np.errstate(over="ignore"):
                half = kernel.astype(np.float16)
            if not np.isfinite(half).all():
                largest = np.abs(kernel).max()
                raise ExportError(f"{part.name}/{variable.path}: a weight of {largest:g} does not fit half precision")
            variable.assign(half.astype(np.float32))
