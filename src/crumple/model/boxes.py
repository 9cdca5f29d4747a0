"""Box arithmetic. Boxes are xyxy in pixels, float32; any leading axes.

N, M: numbers of boxes.
"""

import math

from keras import ops

# exp() of a larger size delta would blow a box up more than 62-fold: a diverging step must not become inf
# (Detectron2 uses the same clamp).
SIZE_DELTA_LIMIT = math.log(1000.0 / 16)


def area(boxes):
    """(..., 4) -> (...). Degenerate boxes have area 0."""
    return ops.maximum(boxes[..., 2] - boxes[..., 0], 0.0) * ops.maximum(boxes[..., 3] - boxes[..., 1], 0.0)


def pairwise_iou(a, b):
    """Intersection over union. a (..., N, 4), b (..., M, 4) -> (..., N, M) in [0, 1]; 0 where both are empty."""
    a, b = ops.expand_dims(a, -2), ops.expand_dims(b, -3)
    # One (..., N, M) array per axis: a trailing axis of two would cost several times as much on a CPU.
    width = ops.minimum(a[..., 2], b[..., 2]) - ops.maximum(a[..., 0], b[..., 0])
    height = ops.minimum(a[..., 3], b[..., 3]) - ops.maximum(a[..., 1], b[..., 1])
    intersection = ops.maximum(width, 0.0) * ops.maximum(height, 0.0)
    union = area(a) + area(b) - intersection
    return intersection / ops.maximum(union, 1e-6)


def get_deltas(anchors, boxes, weights=(1.0, 1.0, 1.0, 1.0)):
    """Deltas that move `anchors` onto `boxes` (R-CNN, appendix C); the inverse of `apply_deltas`.

    Args:
        anchors: (..., 4) with positive sides.
        boxes: (..., 4); sides under 1e-3 pixel are taken as that, so that padding stays finite.
        weights: scale of (dx, dy, dw, dh).
    """
    aw, ah = anchors[..., 2] - anchors[..., 0], anchors[..., 3] - anchors[..., 1]
    bw, bh = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    aw, ah, bw, bh = (ops.maximum(side, 1e-3) for side in (aw, ah, bw, bh))
    dx = (boxes[..., 0] + 0.5 * bw - anchors[..., 0] - 0.5 * aw) / aw
    dy = (boxes[..., 1] + 0.5 * bh - anchors[..., 1] - 0.5 * ah) / ah
    wx, wy, ww, wh = weights
    return ops.stack([wx * dx, wy * dy, ww * ops.log(bw / aw), wh * ops.log(bh / ah)], axis=-1)


def apply_deltas(anchors, deltas, weights=(1.0, 1.0, 1.0, 1.0)):
    """Move `anchors` (..., 4) by `deltas` (..., 4); size deltas are clamped at log(1000/16)."""
    aw, ah = anchors[..., 2] - anchors[..., 0], anchors[..., 3] - anchors[..., 1]
    wx, wy, ww, wh = weights
    cx = anchors[..., 0] + 0.5 * aw + deltas[..., 0] / wx * aw
    cy = anchors[..., 1] + 0.5 * ah + deltas[..., 1] / wy * ah
    w = aw * ops.exp(ops.minimum(deltas[..., 2] / ww, SIZE_DELTA_LIMIT))
    h = ah * ops.exp(ops.minimum(deltas[..., 3] / wh, SIZE_DELTA_LIMIT))
    return ops.stack([cx - 0.5 * w, cy - 0.5 * h, cx + 0.5 * w, cy + 0.5 * h], axis=-1)


def clip(boxes, height: int, width: int):
    """Clip (..., 4) to an image of `height` x `width` pixels."""
    limits = ops.convert_to_tensor([width, height, width, height], dtype="float32")
    return ops.minimum(ops.maximum(boxes, 0.0), limits)
