"""Picking rows image by image.

B images, N rows, K picked rows.
"""

from keras import ops


def gather_rows(values, indices):
    """values (B, N, ...), indices (B, K) int in [0, N) -> (B, K, ...)."""
    count, rest = values.shape[1], tuple(values.shape[2:])
    # One flat gather: take_along_axis would broadcast the indices over every trailing axis.
    batch = ops.shape(indices)[0]
    offsets = ops.expand_dims(ops.arange(batch, dtype="int32") * count, 1)
    flat = ops.reshape(ops.cast(indices, "int32") + offsets, (-1,))
    picked = ops.take(ops.reshape(values, (-1, *rest)), flat, axis=0)
    return ops.reshape(picked, (-1, indices.shape[1], *rest))
