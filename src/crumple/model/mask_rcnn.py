"""Mask R-CNN with one trunk and one branch per label space.

B images of H x W pixels, D detection slots, M mask cells per axis, P places.
"""

import keras
import numpy as np
from keras import ops

from crumple.model.anchors import generate_anchors
from crumple.model.backbone import backbone
from crumple.model.branch import Branch, Sampling
from crumple.model.config import ModelConfig
from crumple.model.fpn import fpn
from crumple.model.places import Places
from crumple.taxonomy import DAMAGE_BRANCH

PLACE_WEIGHT = 0.25  # of the place heads' losses, which are sums over some thirty places


class MaskRCNN(keras.Model):
    """images (B, H, W, 3) float32 RGB in 0..255, letterboxed -> for each branch b

    `b_boxes` (B, D, 4) xyxy pixels, `b_scores` (B, D) descending with 0 in empty slots, `b_labels` (B, D) int32 and
    `b_masks` (B, D, M, M) probabilities in the frame of each box.

    With places in its configuration it also gives probabilities: `damage_places` (B, D, P), that the damage in a slot
    lies on a place, `damage_real` (B, D), a second opinion on whether it is damage, and `parts_seen` and
    `parts_damaged` (B, P), that the photo shows a place and damage on it.
    """

    def __init__(self, config: ModelConfig) -> None:
        # float32 itself: under mixed precision only the layers inside compute in half precision, never coordinates.
        super().__init__(name="mask_rcnn", dtype="float32")
        self.config = config
        self.anchors: np.ndarray = generate_anchors(config)
        self.trunk = backbone(config.backbone, config.input_size)
        self.fpn = fpn([tuple(output.shape[1:]) for output in self.trunk.outputs[1:]], config.pyramid_channels)
        branches = [Branch(branch, config) for branch in config.branches]
        self.places = Places(config) if config.places else None
        self.heads = [model for branch in branches for model in branch.models]
        self.heads += self.places.models if self.places else []
        self.branches = {branch.config.name: branch for branch in branches}
        self.built = True  # every part is a Functional model, built with its shapes

    @property
    def parts(self) -> list[keras.Model]:
        """Everything that holds weights, in the order in which data flows."""
        return [self.trunk, self.fpn, *self.heads]

    @property
    def trunks(self) -> list[keras.Model]:
        """What starts from ImageNet: the detector's trunk and that of the places."""
        return [self.trunk, *([self.places.trunk] if self.places else [])]

    def _pyramid(self, images):
        return self.fpn(self.trunk(images)[1:])

    def call(self, images):
        pyramid, anchors = self._pyramid(images), ops.convert_to_tensor(self.anchors)
        outputs = {
            f"{name}_{key}": value
            for name, branch in self.branches.items()
            for key, value in branch.predict(pyramid, anchors).items()
        }
        if self.places:
            on, real, seen, damaged = self.places.predict(images, outputs[f"{DAMAGE_BRANCH}_boxes"])
            outputs |= {"damage_places": on, "damage_real": real, "parts_seen": seen, "parts_damaged": damaged}
        return outputs

    def losses_of(self, batch, labelled_images: dict[str, int], sampling: Sampling, seed: keras.random.SeedGenerator):
        """Training losses by `branch/loss`.

        Args:
            batch: `images` (B, H, W, 3) and, per branch, the arrays of `Branch.losses`; with places also `places`,
                those of `Places.losses`.
            labelled_images: how many images of a batch carry a branch's labels, at most. The branch's heads run on
                those alone, which is what makes a mixed batch affordable; with 0 it is left as it is.
        """
        losses = {}
        if any(labelled_images.values()):
            pyramid, anchors = self._pyramid(batch["images"]), ops.convert_to_tensor(self.anchors)
        for name, branch in self.branches.items():
            if not labelled_images[name]:
                continue
            # top_k is stable: the labelled images come first, in their order.
            _, index = ops.top_k(ops.cast(batch[name]["labelled"], "int32"), labelled_images[name])
            truth = {key: ops.take(value, index, axis=0) for key, value in batch[name].items()}
            levels = [ops.take(level, index, axis=0) for level in pyramid]
            for key, value in branch.losses(levels, anchors, truth, sampling, seed).items():
                losses[f"{name}/{key}"] = value
        if self.places and "places" in batch:
            for key, value in self.places.losses(batch["images"], batch["places"], seed).items():
                losses[f"places/{key}"] = PLACE_WEIGHT * value
        return losses

    def get_config(self) -> dict:
        return {"config": self.config.to_dict()}

    @classmethod
    def from_config(cls, config: dict) -> "MaskRCNN":
        return cls(ModelConfig.from_dict(config["config"]))
