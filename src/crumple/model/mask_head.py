"""Mask head (Mask R-CNN, section 3): one class-agnostic mask per RoI.

N RoIs, P pool bins, M = 2 P mask cells per axis, T target cells per axis.
"""

import keras
from keras import layers, ops

from crumple.model.config import ModelConfig

TARGET_SAMPLING = 2


def mask_head(name: str, config: ModelConfig) -> keras.Model:
    """Pooled RoIs (N, P, P, channels) -> mask logits (N, M, M), float32."""
    inputs = keras.Input((config.mask_pool, config.mask_pool, config.pyramid_channels))
    x = inputs
    for i in range(config.mask_convs):
        x = layers.Conv2D(config.mask_channels, 3, padding="same", activation="relu", name=f"{name}_conv{i + 1}")(x)
    x = layers.Conv2DTranspose(config.mask_channels, 2, 2, activation="relu", name=f"{name}_upsample")(x)
    x = layers.Conv2D(1, 1, name=f"{name}_logits")(x)
    x = layers.Reshape((config.mask_size, config.mask_size), dtype="float32", name=f"{name}_grid")(x)
    return keras.Model(inputs, x, name=name)


def mask_quality(masks):
    """How sure masks (B, D, M, M) are of what they cover: the mean probability of their cells from 0.5 on, (B, D).

    A mask without such a cell has 0. Source: the "maskness" of SOLO (Wang et al. 2020, github.com/WXinlong/SOLO).
    """
    covered = ops.cast(masks >= 0.5, masks.dtype)
    return ops.sum(masks * covered, axis=(2, 3)) / ops.maximum(ops.sum(covered, axis=(2, 3)), 1.0)


def _interpolation(start, end, low, high, cells: int, source: int):
    """Matrix that resamples one axis of a `source`-cell mask on [low, high] to `cells` cells on [start, end].

    All (N, 1) pixels -> (N, cells, source). Each cell is the mean of its sampling points; a point outside the mask's
    own box meets no weight, hence 0.
    """
    steps = cells * TARGET_SAMPLING
    fraction = (ops.arange(steps, dtype="float32") + 0.5) / steps
    pixel = start + fraction * (end - start)
    point = (pixel - low) / ops.maximum(high - low, 1e-3) * source - 0.5
    hat = ops.maximum(1.0 - ops.abs(point[..., None] - ops.arange(source, dtype="float32")), 0.0)
    return ops.mean(ops.reshape(hat, (-1, cells, TARGET_SAMPLING, source)), axis=2)


def mask_targets(rois, gt_boxes, gt_masks, cells: int):
    """What each RoI's mask should be.

    Args:
        rois: (N, 4) pixels.
        gt_boxes: (N, 4) pixels.
        gt_masks: (N, T, T) in {0, 1}, each in the frame of its own box.

    Returns: (N, cells, cells) float32 in {0, 1}.
    """
    x0, y0, x1, y1 = (rois[:, i : i + 1] for i in range(4))
    gx0, gy0, gx1, gy1 = (gt_boxes[:, i : i + 1] for i in range(4))
    rows = _interpolation(y0, y1, gy0, gy1, cells, gt_masks.shape[1])
    columns = _interpolation(x0, x1, gx0, gx1, cells, gt_masks.shape[2])
    resampled = ops.matmul(ops.matmul(rows, ops.cast(gt_masks, "float32")), ops.swapaxes(columns, 1, 2))
    return ops.cast(resampled >= 0.5, "float32")


def mask_loss(logits, targets, weight):
    """Binary cross-entropy, mean over cells and over the RoIs with weight. logits, targets (N, M, M); weight (N,)."""
    cross_entropy = ops.mean(ops.binary_crossentropy(targets, logits, from_logits=True), axis=(1, 2))
    return ops.sum(cross_entropy * weight) / ops.maximum(ops.sum(weight), 1.0)
