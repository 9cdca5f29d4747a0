"""A photo in, detections in photo pixels out: letterbox, network, and back."""

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.detect.detections import BranchDetections, Detections
from crumple.detect.letterbox import Placement, letterbox
from crumple.detect.masks import crop_grid
from crumple.detect.mirrored import MirroredNetwork
from crumple.detect.model_info import MEND, ModelInfo
from crumple.detect.network import Network, load_network
from crumple.detect.released import released_model
from crumple.errors import ModelError
from crumple.files import as_path
from crumple.photo import check_pixels

MODEL_WANTED = "a model must be the path of its folder"


class Detector:
    """A network with the description that gives its outputs their names.

    Args:
        network: see `crumple.detect.network.Network`.
        info: input size, branches and classes.
    """

    def __init__(self, network: Network, info: ModelInfo) -> None:
        self.network = network
        self.info = info

    def __call__(self, rgb: npt.NDArray[np.uint8], min_score: float = 0.0) -> Detections:
        """Detect in a photo (H, W, 3) uint8. Keeps scores above 0 that are at least `min_score`. Raises PhotoError."""
        check_pixels(rgb)
        canvas, placement = letterbox(rgb, self.info.input_size)
        return self.read(self.network(canvas[None]), placement, min_score)

    def accurately(self) -> "Detector":
        """A detector of the same network that looks twice: at the photo and at its mirror image, averaged.

        One that does already is returned as it is.
        """
        if self.info.once:
            return self
        return Detector(MirroredNetwork(self.network, self.info.branches), self.info.accurately())

    def read(
        self, outputs: dict[str, npt.NDArray[Any]], placement: Placement, min_score: float = 0.0, item: int = 0
    ) -> Detections:
        """The network's outputs for photo `item` of a batch -> detections in photo pixels, clipped to the photo."""
        return {
            branch.name: self._branch(outputs, branch.name, branch.classes, placement, min_score, item)
            for branch in self.info.branches
        }

    def _branch(
        self,
        outputs: dict[str, npt.NDArray[Any]],
        name: str,
        classes: tuple[str, ...],
        placement: Placement,
        min_score: float,
        item: int,
    ) -> BranchDetections:
        try:
            boxes, scores, labels, masks = (
                np.asarray(outputs[f"{name}_{kind}"][item]) for kind in ("boxes", "scores", "labels", "masks")
            )
        except KeyError as error:
            raise ModelError(
                f"the network gives no output {error}, which model {self.info.name} must have; {MEND}"
            ) from None
        order = np.argsort(-scores, kind="stable")
        order = order[(scores[order] > 0) & (scores[order] >= min_score)]
        labels = labels[order].astype(np.int32)
        if labels.size and (labels.min() < 0 or labels.max() >= len(classes)):
            raise ModelError(
                f"the network gives label {labels.max()} in branch '{name}', "
                f"for which model.json has {len(classes)} classes; {MEND}"
            )
        found = BranchDetections(
            placement.to_photo(boxes[order]),
            scores[order].astype(np.float32),
            labels,
            masks[order].astype(np.float32),
            classes,
        )
        return clip(found, placement.photo_height, placement.photo_width)


def clip(found: BranchDetections, height: int, width: int) -> BranchDetections:
    """Boxes clipped to a photo (height, width), their masks resampled to the new frame; boxes off the photo dropped.

    A box may reach past the photo because the canvas has a grey border there.
    """
    limits = np.array([width, height, width, height], np.float32)
    boxes = np.clip(found.boxes, 0, limits)
    kept = np.flatnonzero((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
    masks = found.masks.copy()
    for i in kept:
        if (boxes[i] != found.boxes[i]).any():
            masks[i] = crop_grid(found.masks[i], found.boxes[i], boxes[i])
    return BranchDetections(boxes, found.scores, found.labels, masks, found.classes).keep(kept)


def load_detector(
    folder: str | os.PathLike[str] | None = None, streams: int = 1, *, accurate: bool = False
) -> Detector:
    """Load the exported model in `folder` (model.xml, model.bin, model.json); None: the released one.

    Args:
        streams: photos at a time, see `load_network`.
        accurate: look twice, see `Detector.accurately`.

    Raises ModelError.
    """
    folder = released_model() if folder is None else as_path(folder, MODEL_WANTED, ModelError)
    detector = Detector(load_network(folder, streams), ModelInfo.load(folder))
    return detector.accurately() if accurate else detector
