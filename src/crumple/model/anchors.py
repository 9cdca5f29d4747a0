"""Anchors of a feature pyramid.

A: anchors over all levels, level by level, row by row, then octave by octave and ratio by ratio.
"""

import numpy as np

from crumple.model.config import ModelConfig


def generate_anchors(config: ModelConfig) -> np.ndarray:
    """(A, 4) float32 xyxy pixels, centred on the cells.

    Sides are whole pixels and centres multiples of half a stride, so that half precision holds them exactly and a
    half-precision export moves no box.
    """
    height, width = config.input_size
    levels = []
    for stride in config.pyramid_strides:
        sides = []
        for octave in config.anchor_octaves:
            for ratio in config.anchor_ratios:
                side = config.anchor_scale * stride * 2**octave
                sides.append((side / np.sqrt(ratio), side * np.sqrt(ratio)))
        half = np.round(np.asarray(sides) / 2)  # (K, 2) half width, half height
        rows, columns = height // stride, width // stride
        y, x = np.meshgrid((np.arange(rows) + 0.5) * stride, (np.arange(columns) + 0.5) * stride, indexing="ij")
        centres = np.stack([x, y], axis=-1)[:, :, None, :]  # (rows, columns, 1, 2)
        levels.append(np.concatenate([centres - half, centres + half], axis=-1).reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)
