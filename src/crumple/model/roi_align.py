"""RoIAlign over a feature pyramid (Mask R-CNN, section 3), half-pixel aligned, in one gather.

B images, R RoIs per image, L levels, C channels, P output bins per axis, S = P * sampling points per axis.
"""

import math

from keras import ops


def assign_levels(boxes, strides: tuple[int, ...], canonical_size: float):
    """Pyramid level per RoI (FPN paper, equation 1): a RoI of `canonical_size` goes to stride 16.

    boxes (..., 4) -> (...) int32, an index into `strides`.
    """
    sides = ops.maximum(boxes[..., 2:] - boxes[..., :2], 1e-3)
    scale = ops.log(ops.sqrt(sides[..., 0] * sides[..., 1]) / canonical_size) / math.log(2.0)
    level = ops.floor(scale + 1e-6) + math.log2(16 / strides[0])
    return ops.cast(ops.clip(level, 0, len(strides) - 1), "int32")


def _axis(start, length, size, bins: int, sampling: int):
    """Bilinear corners along one axis.

    start, length, size: (B, R, 1) in cells. Returns low, high (B, R, S) int32 and high's weight (B, R, S).
    """
    steps = bins * sampling
    fraction = (ops.arange(steps, dtype="float32") + 0.5) / steps
    # Cell i is centred at i + 0.5: coordinates shift by half a cell ("aligned"). Outside, the border cell is repeated.
    point = ops.clip(start + fraction * length - 0.5, 0.0, size - 1.0)
    low = ops.floor(point)
    high = ops.minimum(low + 1.0, size - 1.0)
    return ops.cast(low, "int32"), ops.cast(high, "int32"), point - low


def roi_align(pyramid, strides: tuple[int, ...], boxes, bins: int, sampling: int, canonical_size: float):
    """Pool every RoI to a `bins` x `bins` grid from the level its size asks for.

    Args:
        pyramid: L arrays (B, H_l, W_l, C), finest first, at `strides`.
        boxes: (B, R, 4) xyxy pixels, float32; no gradient flows to them.
        sampling: sampling points per bin and axis; their mean is the bin.

    Returns: (B, R, bins, bins, C) in the pyramid's dtype.
    """
    boxes = ops.stop_gradient(boxes)
    channels, rois = pyramid[0].shape[-1], boxes.shape[1]
    heights, widths = [level.shape[1] for level in pyramid], [level.shape[2] for level in pyramid]
    cells = [h * w for h, w in zip(heights, widths, strict=True)]
    table = ops.concatenate(
        [ops.reshape(level, (-1, count, channels)) for level, count in zip(pyramid, cells, strict=True)], axis=1
    )
    level = assign_levels(boxes, strides, canonical_size)

    def per_roi(values, dtype):
        return ops.expand_dims(ops.take(ops.convert_to_tensor(values, dtype=dtype), level, axis=0), -1)

    scale = 1.0 / per_roi(strides, "float32")
    starts = [sum(cells[:index]) for index in range(len(cells))]
    x0, y0, x1, y1 = (boxes[..., i : i + 1] * scale for i in range(4))
    y_low, y_high, y_weight = _axis(y0, y1 - y0, per_roi(heights, "float32"), bins, sampling)
    x_low, x_high, x_weight = _axis(x0, x1 - x0, per_roi(widths, "float32"), bins, sampling)

    batch = ops.shape(boxes)[0]
    first = ops.reshape(ops.arange(batch, dtype="int32") * sum(cells), (-1, 1, 1)) + per_roi(starts, "int32")
    width = per_roi(widths, "int32")
    # Rows as (B * R, P, 1, k, 1) against columns as (B * R, 1, P, 1, k), k = 2 corners of each sampling point.
    row_shape, column_shape = (-1, bins, 1, 2 * sampling, 1), (-1, 1, bins, 1, 2 * sampling)
    rows = ops.reshape(ops.stack([first + y_low * width, first + y_high * width], -1), row_shape)
    columns = ops.reshape(ops.stack([x_low, x_high], -1), column_shape)
    row_weights = ops.reshape(ops.stack([1.0 - y_weight, y_weight], -1), row_shape)
    column_weights = ops.reshape(ops.stack([1.0 - x_weight, x_weight], -1), column_shape)
    corners = 4 * sampling * sampling
    index = ops.reshape(rows + columns, (-1,))
    weights = ops.reshape(row_weights * column_weights / sampling**2, (-1, 1, corners))

    values = ops.reshape(ops.take(ops.reshape(table, (-1, channels)), index, axis=0), (-1, corners, channels))
    pooled = ops.matmul(ops.cast(weights, values.dtype), values)
    return ops.reshape(pooled, (-1, rois, bins, bins, channels))
