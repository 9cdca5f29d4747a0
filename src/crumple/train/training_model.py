"""The model as `fit` sees it: a batch in, the sum of all branches' losses out."""

from typing import Any

import keras

from crumple.model.config import Sampling
from crumple.model.mask_rcnn import MaskRCNN


class TrainingModel(keras.Model):
    """Wraps a MaskRCNN for `keras.Model.fit`, on every backend alike.

    Args:
        labelled_images: images per batch that carry each branch's labels.
        places: whether batches have `places`.
        seed: of the random sampling of anchors and RoIs; its state is part of what a resumed run restores.
    """

    def __init__(
        self, model: MaskRCNN, labelled_images: dict[str, int], sampling: Sampling, seed: int, *, places: bool = False
    ) -> None:
        # float32 itself: mixed precision must not touch the coordinates in a batch.
        super().__init__(name="training", dtype="float32")
        self.model = model
        self.labelled_images, self.sampling = labelled_images, sampling
        self.seed = keras.random.SeedGenerator(seed, name="sampling_seed")
        keys = ("rpn_objectness", "rpn_box", "box_class", "box_delta", "mask")
        names = [f"{branch}/{key}" for branch, images in labelled_images.items() if images for key in keys]
        names += [f"places/{key}" for key in ("on", "real", "seen", "damaged") if places]
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}
        self.built = True

    def call(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Losses by `branch/loss`, float32 scalars."""
        return self.model.losses_of(batch, self.labelled_images, self.sampling, self.seed)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        for name, value in y_pred.items():
            self.trackers[name].update_state(value)
        return sum(y_pred.values())
