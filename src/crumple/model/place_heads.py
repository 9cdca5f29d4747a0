"""Place heads: on which places a damage lies, which places a photo shows, and which of them are damaged.

B images, K boxes per image, P places, F features of the whole photo.

A damage's place is told by what is round it more than by itself, and its side by where the whole vehicle stands. So
the head of a damage sees its box, a box three times as large, and what the photo's head made of the whole photo.
"""

import keras
from keras import layers, ops

from crumple.model.config import ModelConfig
from crumple.model.roi_align import roi_align

NEAR, WIDE = 1.2, 3.0  # times the sides of the damage's box
PHOTO_CHANNELS, PHOTO_UNITS = 192, 256
BOX_CHANNELS, BOX_UNITS = 64, 256
RARE = -3.0  # bias of a logit at the start: of all places few are there
SHIFT, SCALE = 0.15, 0.5  # of a drawn box in training: found boxes are no better
DROPOUT = 0.2


def photo_head(config: ModelConfig, deepest: tuple[int, int, int]) -> keras.Model:
    """The trunk's deepest output (B, h, w, channels) -> photo features (B, F) and logits (B, 2 P), float32.

    The first P logits: can the place be seen? The others: is there damage on it?
    """
    inputs = keras.Input(deepest)
    x = inputs
    for i in (1, 2):
        x = layers.Conv2D(
            PHOTO_CHANNELS, 3, 2, padding="same", activation="relu", name=f"places_photo_conv{i}"
        )(x)
    x = layers.Flatten(name="places_photo_flatten")(x)
    features = layers.Dense(PHOTO_UNITS, activation="relu", name="places_photo_dense")(x)
    logits = _logits(2 * len(config.places), "places_photo_logits")(features)
    return keras.Model(inputs, [features, logits], name="places_photo")


def box_place_head(config: ModelConfig) -> keras.Model:
    """Pooled near and wide boxes (N, P, P, channels) each, photo features (N, F), position (N, 4) -> logits (N, P)."""
    pooled = (config.box_pool, config.box_pool, config.pyramid_channels)
    near, wide = keras.Input(pooled), keras.Input(pooled)
    photo, position = keras.Input((PHOTO_UNITS,)), keras.Input((4,), dtype="float32")
    seen = []
    for name, x in (("near", near), ("wide", wide)):
        x = layers.Conv2D(BOX_CHANNELS, 1, activation="relu", name=f"places_box_{name}_conv")(x)
        x = layers.Flatten(name=f"places_box_{name}_flatten")(x)
        seen.append(layers.Dense(BOX_UNITS, activation="relu", name=f"places_box_{name}_dense")(x))
    x = layers.Concatenate(name="places_box_all")([*seen, photo, position])
    x = layers.Dense(BOX_UNITS, activation="relu", name="places_box_dense")(x)
    logits = _logits(len(config.places), "places_box_logits")(x)
    return keras.Model([near, wide, photo, position], logits, name="places_box")


def _logits(units: int, name: str) -> layers.Dense:
    return layers.Dense(units, bias_initializer=keras.initializers.Constant(RARE), dtype="float32", name=name)


class PlaceHeads:
    """Both heads of one model.

    Args:
        deepest: (h, w, channels) of the trunk's deepest output.
    """

    def __init__(self, config: ModelConfig, deepest: tuple[int, int, int]) -> None:
        self.photo_head = photo_head(config, deepest)
        self.box_head = box_place_head(config)
        self._model = config

    @property
    def models(self) -> list[keras.Model]:
        return [self.photo_head, self.box_head]

    def photo(self, deepest):
        """-> photo features (B, F), logits of what is seen (B, P) and of what is damaged (B, P)."""
        features, logits = self.photo_head(deepest)
        count = len(self._model.places)
        return features, logits[:, :count], logits[:, count:]

    def places(self, pyramid, features, boxes):
        """boxes (B, K, 4) xyxy pixels, photo features (B, F) -> logits (B, K, P)."""
        model, count = self._model, boxes.shape[1]
        strides = model.pyramid_strides[:-1]
        both = ops.concatenate([_grown(boxes, NEAR), _grown(boxes, WIDE)], axis=1)
        pooled = roi_align(
            pyramid[: len(strides)], strides, both, model.box_pool, model.pool_sampling, model.canonical_size
        )
        shape = (-1, model.box_pool, model.box_pool, model.pyramid_channels)
        near, wide = (ops.reshape(half, shape) for half in (pooled[:, :count], pooled[:, count:]))
        photo = ops.reshape(ops.repeat(features[:, None], count, axis=1), (-1, PHOTO_UNITS))
        logits = self.box_head([near, wide, photo, ops.reshape(_position(boxes, model.input_size), (-1, 4))])
        return ops.reshape(logits, (-1, count, len(model.places)))

    def losses(self, pyramid, deepest, truth, seed: keras.random.SeedGenerator):
        """Three float32 scalars: cross-entropies summed over the places, as a mean over boxes or images that count.

        Args:
            truth: `boxes` (B, K, 4); `on` (B, K, P), `seen` and `damaged` (B, P), each 0 to 1, with `on_weight` and so
                on of the same shapes: 0 where nothing is known.
        """
        features, seen, damaged = self.photo(deepest)
        features = keras.random.dropout(features, DROPOUT, seed=seed)
        boxes = _jittered(truth["boxes"], seed)
        return {
            "on": _loss(self.places(pyramid, features, boxes), truth["on"], truth["on_weight"]),
            "seen": _loss(seen, truth["seen"], truth["seen_weight"]),
            "damaged": _loss(damaged, truth["damaged"], truth["damaged_weight"]),
        }


def _loss(logits, target, weight):
    """Binary cross-entropy: sum over the places, mean over the rows with any weight."""
    cross_entropy = ops.maximum(logits, 0.0) - logits * target + ops.log1p(ops.exp(-ops.abs(logits)))
    rows = ops.sum(cross_entropy * weight, axis=-1)
    return ops.sum(rows) / ops.maximum(ops.sum(ops.cast(ops.any(weight > 0, axis=-1), "float32")), 1.0)


def _grown(boxes, factor: float):
    """Boxes (B, K, 4) about their centres, `factor` times as large; past the image's border too."""
    centre, half = (boxes[..., :2] + boxes[..., 2:]) / 2, (boxes[..., 2:] - boxes[..., :2]) * (factor / 2)
    return ops.concatenate([centre - half, centre + half], axis=-1)


def _position(boxes, image_size: tuple[int, int]):
    """Centre and size of boxes (B, K, 4) as shares of the image, from -1 to 1: (B, K, 4) float32."""
    height, width = image_size
    sides = ops.convert_to_tensor([width, height], dtype="float32")
    centre, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    return 2.0 * ops.concatenate([centre / sides, size / sides], axis=-1) - 1.0


def _jittered(boxes, seed: keras.random.SeedGenerator):
    """Boxes (B, K, 4), each shifted by up to SHIFT of its sides and scaled by up to e^SCALE, at random."""
    noise = keras.random.uniform((*ops.shape(boxes)[:2], 4), -1.0, 1.0, seed=seed, dtype="float32")
    size = boxes[..., 2:] - boxes[..., :2]
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2 + noise[..., :2] * SHIFT * size
    half = size * ops.exp(noise[..., 2:] * SCALE) / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)
