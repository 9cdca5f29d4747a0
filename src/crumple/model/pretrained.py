"""ImageNet weights into the trunk, from arrays in PyTorch names and layouts (data card: efficientnet-lite)."""

from pathlib import Path

import keras
import numpy as np

from crumple.errors import ModelError
from crumple.files import read_arrays

EPSILON = 1e-3  # of the source's batch norms


def _sources(layer: str) -> tuple[str, str]:
    """Keras layer name -> the source's convolution and batch norm: `block3_expand` -> `_blocks.3._expand_conv`, ..."""
    if layer == "stem":
        return "_conv_stem", "_bn0"
    block, part = layer.split("_")
    # A block without expansion still calls its norms _bn1 and _bn2.
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    prefix = f"_blocks.{block.removeprefix('block')}"
    return f"{prefix}._{part}_conv", f"{prefix}.{norm}"


def load_imagenet(trunk: keras.Model, path: Path) -> None:
    """Set every weight of `trunk` from an .npz (conv (O,I,H,W), depthwise (C,1,H,W)), batch norms folded in.

    Raises: ModelError if the file is missing or belongs to another trunk.
    """
    arrays = read_arrays(path)
    for layer in trunk.layers:
        if not layer.weights:
            continue
        convolution, norm = _sources(layer.name)
        try:
            kernel = arrays[f"{convolution}.weight"]
            gamma, beta, mean, variance = (
                arrays[f"{norm}.{name}"].astype(np.float64)
                for name in ("weight", "bias", "running_mean", "running_var")
            )
            scale = gamma / np.sqrt(variance + EPSILON)
            kernel = kernel * scale[:, None, None, None]
            axes = (2, 3, 0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (2, 3, 1, 0)
            layer.set_weights([kernel.transpose(axes), beta - mean * scale])
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"{path}: does not fit the trunk at layer {layer.name} ({error}); give weights of that backbone"
            ) from error
