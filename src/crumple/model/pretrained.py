"""ImageNet weights into the trunk, from arrays in PyTorch names and layouts (data card: efficientnet-lite)."""

from pathlib import Path

import keras

from crumple.errors import ModelError
from crumple.files import read_arrays


def _source(layer: str) -> str:
    """Keras layer name -> the source's prefix: `block3_expand_bn` -> `_blocks.3._bn0`."""
    batch_norm = layer.endswith("_bn")
    layer = layer.removesuffix("_bn")
    if layer == "stem":
        return "_bn0" if batch_norm else "_conv_stem"
    block, part = layer.split("_")
    # A block without expansion still calls its norms _bn1 and _bn2.
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    return f"_blocks.{block.removeprefix('block')}.{norm if batch_norm else f'_{part}_conv'}"


def load_imagenet(trunk: keras.Model, path: Path) -> None:
    """Set every weight of `trunk` from an .npz (conv (O,I,H,W), depthwise (C,1,H,W)).

    Raises: ModelError if the file is missing or belongs to another trunk.
    """
    arrays = read_arrays(path)
    for layer in trunk.layers:
        if not layer.weights:
            continue
        source = _source(layer.name)
        try:
            if isinstance(layer, keras.layers.BatchNormalization):
                values = [arrays[f"{source}.{n}"] for n in ("weight", "bias", "running_mean", "running_var")]
            elif isinstance(layer, keras.layers.DepthwiseConv2D):
                values = [arrays[f"{source}.weight"].transpose(2, 3, 0, 1)]
            else:
                values = [arrays[f"{source}.weight"].transpose(2, 3, 1, 0)]
            layer.set_weights(values)
        except (KeyError, ValueError) as error:
            raise ModelError(f"{path}: does not fit the trunk at layer {layer.name} ({error})") from error
