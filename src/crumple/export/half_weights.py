"""Weights that half precision stores exactly, so that every exported format holds the same numbers.

A batch norm's scale is multiplied into the convolution before it by every converter; a kernel that was rounded before
that is no longer a half-precision number after it. So: fold first, then round, then export and compare that model.
"""

import keras
import numpy as np
from keras import layers

from crumple.export.errors import ExportError
from crumple.model.mask_rcnn import MaskRCNN


def make_half_exact(model: MaskRCNN) -> None:
    """Fold `model`'s batch norms and round its kernels to half precision, in place; vectors, being small, stay.

    Raises ExportError when a kernel exceeds the range of half precision.
    """
    for part in model.parts:
        fold_batch_norms(part)
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


def fold_batch_norms(part: keras.Model) -> None:
    """Move the scale of every batch norm into the convolution before it; what it computes at inference stays the same.

    A batch norm that follows anything but a convolution without bias and activation is left alone.
    """
    makers = {id(layer.output): layer for layer in part.layers if not isinstance(layer, layers.InputLayer)}
    for norm in part.layers:
        if not isinstance(norm, layers.BatchNormalization):
            continue
        convolution = makers.get(id(norm.input))
        if (
            not isinstance(convolution, layers.Conv2D | layers.DepthwiseConv2D)
            or convolution.use_bias
            or convolution.activation is not keras.activations.linear
        ):
            continue
        gamma, beta, mean, variance = (
            np.asarray(values.value, np.float64)
            for values in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
        )
        scale = gamma / np.sqrt(variance + norm.epsilon)
        # Kernels: (rows, columns, in, out), and (rows, columns, channels, 1) of a depthwise convolution.
        depthwise = isinstance(convolution, layers.DepthwiseConv2D)
        kernel = np.asarray(convolution.kernel.value, np.float64) * (scale[:, None] if depthwise else scale)
        convolution.kernel.assign(kernel.astype(np.float32))
        norm.beta.assign((beta - mean * scale).astype(np.float32))
        norm.gamma.assign(np.ones_like(gamma, np.float32))
        norm.moving_mean.assign(np.zeros_like(mean, np.float32))
        norm.moving_variance.assign(np.full_like(variance, 1 - norm.epsilon, np.float32))
