"""EfficientNet-Lite (Tan and Le 2019; the Lite variants: no squeeze-excitation, ReLU6, fixed stem and head).

Input: RGB 0..255; normalisation is the first layer. Outputs at strides 4, 8, 16, 32.

There are no batch norms: detection batches are too small to estimate them anew, so they would stay as ImageNet left
them, and such a batch norm is but a scale and an offset. Both are part of the convolution before it (`pretrained.py`),
which spares a training step several passes over every activation.
"""

import math
from dataclasses import dataclass

import keras
from keras import layers

# kernel, stride, expansion, channels, repeats (EfficientNet paper, table 1)
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
OUTPUT_STAGES = (1, 2, 4, 6)
STEM_CHANNELS = 32


@dataclass(frozen=True)
class Scaling:
    width: float
    depth: float


SCALINGS = {"efficientnet_lite0": Scaling(1.0, 1.0), "efficientnet_lite2": Scaling(1.1, 1.2)}


def _round_channels(channels: float, divisor: int = 8) -> int:
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


def _block(x, name: str, kernel: int, stride: int, expansion: int, channels: int):
    """Inverted residual (MobileNetV2)."""
    shortcut, inputs = x, x.shape[-1]
    if expansion != 1:
        x = layers.Conv2D(inputs * expansion, 1, activation="relu6", name=f"{name}_expand")(x)
    x = layers.DepthwiseConv2D(kernel, stride, padding="same", activation="relu6", name=f"{name}_depthwise")(x)
    x = layers.Conv2D(channels, 1, name=f"{name}_project")(x)
    return layers.Add(name=f"{name}_add")([x, shortcut]) if stride == 1 and inputs == channels else x


def backbone(kind: str, input_size: tuple[int, int], name: str = "backbone") -> keras.Model:
    """The trunk as a Functional model called `name`: (B, H, W, 3) in 0..255 -> four arrays at strides 4, 8, 16, 32."""
    if kind not in SCALINGS:
        raise ValueError(f"unknown backbone {kind!r}; known: {', '.join(SCALINGS)}")
    scaling = SCALINGS[kind]
    images = keras.Input((*input_size, 3), name="images")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="normalise")(images)
    x = layers.Conv2D(STEM_CHANNELS, 3, 2, padding="same", activation="relu6", name="stem")(x)
    outputs, number = [], 0
    for stage, (kernel, stride, expansion, channels, repeats) in enumerate(STAGES):
        # The Lite variants scale neither the stem's width nor the depth of the first and last stage.
        depth = repeats if stage in (0, len(STAGES) - 1) else math.ceil(repeats * scaling.depth)
        for repeat in range(depth):
            width = _round_channels(channels * scaling.width)
            x = _block(x, f"block{number}", kernel, stride if repeat == 0 else 1, expansion, width)
            number += 1
        if stage in OUTPUT_STAGES:
            outputs.append(x)
    return keras.Model(images, outputs, name=name)


def freeze(trunk: keras.Model, stride: int, depthwise: bool = False) -> None:
    """Stop training every convolution whose output is at `stride` or finer, and with `depthwise` all depthwise ones.

    A stride of 0 freezes none; 4 freezes the stem, two stages and the third's first layer.
    """
    for layer in trunk.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            coarse = stride < trunk.input_shape[1] / layer.output.shape[1]
            layer.trainable = coarse and not (depthwise and isinstance(layer, layers.DepthwiseConv2D))
