"""Places: where a damage lies, which places a photo shows, and which of them are damaged.

B images, K boxes per image, P places, F features of the whole photo, C channels.

What is where on a vehicle needs the whole photo and little resolution, damage needs the opposite. So places have a
trunk of their own on the photo at half size, which costs a quarter of the detector's and learns by itself. A damage's
place is told by what is round it more than by itself, and its side by where the whole vehicle stands: the head of a
damage sees its box, a box three times as large, and what was made of the whole photo.
"""

import keras
from keras import layers, ops

from crumple.model.backbone import backbone
from crumple.model.config import ModelConfig
from crumple.model.roi_align import roi_align

SHRINK = 2  # the detector's canvas against the photo that this trunk sees
STRIDE = 8  # of the map that boxes are pooled from, in pixels of that photo
CHANNELS = 96
POOL = 7  # bins per axis of a pooled box
NEAR, WIDE = 1.2, 3.0  # times the sides of the damage's box
PHOTO_CHANNELS, UNITS = 192, 256
RARE = -3.0  # bias of a logit at the start: of all places few are there
SHIFT, SCALE = 0.15, 0.5  # of a drawn box in training: found boxes are no better
DROPOUT = 0.3


def place_map(trunk: keras.Model) -> keras.Model:
    """The trunk's outputs at strides 8, 16 and 32 -> one map (B, h, w, C) at stride 8."""
    levels = [keras.Input(output.shape[1:]) for output in trunk.outputs[1:]]
    x = None
    for i, level in reversed(list(enumerate(levels))):
        lateral = layers.Conv2D(CHANNELS, 1, name=f"places_map_lateral{i}")(level)
        if x is not None:
            x = layers.UpSampling2D(2, name=f"places_map_upsample{i}")(x)
            lateral = layers.Add(name=f"places_map_merge{i}")([lateral, x])
        x = lateral
    x = layers.Conv2D(CHANNELS, 3, padding="same", activation="relu", name="places_map_output")(x)
    return keras.Model(levels, x, name="places_map")


def photo_head(trunk: keras.Model, places: int) -> keras.Model:
    """The trunk's deepest output (B, h, w, channels) -> photo features (B, F) and logits (B, 2 P), float32.

    The first P logits: can the place be seen? The others: is there damage on it?
    """
    inputs = keras.Input(trunk.outputs[-1].shape[1:])
    x = layers.Conv2D(PHOTO_CHANNELS, 3, 2, padding="same", activation="relu", name="places_photo_conv")(inputs)
    x = layers.Flatten(name="places_photo_flatten")(x)
    features = layers.Dense(UNITS, activation="relu", name="places_photo_dense")(x)
    return keras.Model(inputs, [features, _logits(2 * places, "places_photo_logits")(features)], name="places_photo")


def box_head(places: int) -> keras.Model:
    """Pooled near and wide boxes (N, POOL, POOL, C) each, photo features (N, F), position (N, 4) -> logits (N, P + 1).

    The first P: does what is in the box lie on the place? The last: is it damage?
    """
    near, wide = (keras.Input((POOL, POOL, CHANNELS)) for _ in range(2))
    photo, position = keras.Input((UNITS,)), keras.Input((4,), dtype="float32")
    seen = []
    for name, x in (("near", near), ("wide", wide)):
        x = layers.Flatten(name=f"places_box_{name}_flatten")(x)
        seen.append(layers.Dense(UNITS, activation="relu", name=f"places_box_{name}_dense")(x))
    x = layers.Concatenate(name="places_box_all")([*seen, photo, position])
    x = layers.Dense(UNITS, activation="relu", name="places_box_dense")(x)
    return keras.Model([near, wide, photo, position], _logits(places + 1, "places_box_logits")(x), name="places_box")


def _logits(units: int, name: str) -> layers.Dense:
    return layers.Dense(units, bias_initializer=keras.initializers.Constant(RARE), dtype="float32", name=name)


class Places:
    """The network of places that goes with a detector: its input is the detector's canvas."""

    def __init__(self, config: ModelConfig) -> None:
        self._names, self._canvas = config.places, config.input_size
        height, width = config.input_size
        self.trunk = backbone(config.places_backbone, (height // SHRINK, width // SHRINK), name="places_trunk")
        self.map = place_map(self.trunk)
        self.photo_head = photo_head(self.trunk, len(config.places))
        self.box_head = box_head(len(config.places))

    @property
    def models(self) -> list[keras.Model]:
        return [self.trunk, self.map, self.photo_head, self.box_head]

    def _look(self, images):
        """images (B, H, W, 3) -> the map, photo features (B, F), logits of what is seen and what is damaged (B, P)."""
        levels = self.trunk(ops.average_pool(images, SHRINK, SHRINK))
        features, logits = self.photo_head(levels[-1])
        count = len(self._names)
        return self.map(levels[1:]), features, logits[:, :count], logits[:, count:]

    def _on(self, table, features, boxes):
        """The map, photo features (B, F) and boxes (B, K, 4) xyxy canvas pixels -> logits (B, K, P) and (B, K)."""
        count = boxes.shape[1]
        both = ops.concatenate([_grown(boxes, NEAR), _grown(boxes, WIDE)], axis=1)
        pooled = roi_align([table], (SHRINK * STRIDE,), both, POOL, 1, 1.0)
        near, wide = (ops.reshape(half, (-1, POOL, POOL, CHANNELS)) for half in (pooled[:, :count], pooled[:, count:]))
        photo = ops.reshape(ops.repeat(features[:, None], count, axis=1), (-1, UNITS))
        logits = self.box_head([near, wide, photo, ops.reshape(_position(boxes, self._canvas), (-1, 4))])
        logits = ops.reshape(logits, (-1, count, len(self._names) + 1))
        return logits[..., :-1], logits[..., -1]

    def predict(self, images, boxes):
        """Probabilities: on (B, K, P) that what is in a box lies on a place; real (B, K), that it is damage; seen and
        damaged (B, P), that the photo shows a place and damage on it."""
        table, features, seen, damaged = self._look(images)
        on, real = self._on(table, features, boxes)
        return tuple(ops.sigmoid(logits) for logits in (on, real, seen, damaged))

    def losses(self, images, truth, seed: keras.random.SeedGenerator):
        """Four float32 scalars: cross-entropies summed over the places, as a mean over boxes or images that count.

        Args:
            truth: `boxes` (B, K, 4); `on` (B, K, P), `real` (B, K), `seen` and `damaged` (B, P), each 0 to 1, with
                `on_weight` and so on of the same shapes: 0 where nothing is known.
        """
        table, features, seen, damaged = self._look(images)
        features = keras.random.dropout(features, DROPOUT, seed=seed)
        on, real = self._on(table, features, _jittered(truth["boxes"], seed))
        return {
            "on": _loss(on, truth["on"], truth["on_weight"]),
            "real": _loss(real[..., None], truth["real"][..., None], truth["real_weight"][..., None]),
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
    noise = keras.random.uniform(ops.shape(boxes), -1.0, 1.0, seed=seed, dtype="float32")
    size = boxes[..., 2:] - boxes[..., :2]
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2 + noise[..., :2] * SHIFT * size
    half = size * ops.exp(noise[..., 2:] * SCALE) / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)
