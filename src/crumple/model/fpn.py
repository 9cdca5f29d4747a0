"""Feature pyramid network (Lin et al. 2017)."""

import keras
from keras import layers


def fpn(shapes: list[tuple[int, int, int]], channels: int) -> keras.Model:
    """Pyramid on top of a trunk, as a Functional model.

    Args:
        shapes: (height, width, channels) of the trunk's outputs from stride 8 on, finest first, each half the former.
        channels: of every pyramid level.

    Returns: model from those arrays to one level more: P3, P4, P5 and P6 (P5 subsampled, for the RPN's large anchors).
    """
    inputs = [keras.Input(shape) for shape in shapes]
    names = [f"p{3 + i}" for i in range(len(shapes))]
    merged = [layers.Conv2D(channels, 1, name=f"{n}_lateral")(x) for n, x in zip(names, inputs, strict=True)]
    for i in range(len(merged) - 2, -1, -1):
        above = layers.UpSampling2D(2, name=f"{names[i]}_upsample")(merged[i + 1])
        merged[i] = layers.Add(name=f"{names[i]}_merge")([merged[i], above])
    pyramid = [
        layers.Conv2D(channels, 3, padding="same", name=f"{n}_output")(x) for n, x in zip(names, merged, strict=True)
    ]
    pyramid.append(layers.MaxPooling2D(1, 2, name=f"p{3 + len(shapes)}_subsample")(pyramid[-1]))
    return keras.Model(inputs, pyramid, name="fpn")
