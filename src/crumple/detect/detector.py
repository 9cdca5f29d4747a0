"""A photo in, detections in photo pixels out: letterbox, network, and back."""

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from crumple.detect.detections import (
    DAMAGE_PLACES,
    DAMAGE_REAL,
    PARTS_DAMAGED,
    PARTS_SEEN,
    BranchDetections,
    Detections,
    PhotoParts,
)
from crumple.detect.letterbox import Placement, letterbox
from crumple.detect.masks import crop_grid
from crumple.detect.mirrored import MirroredNetwork
from crumple.detect.model_info import MEND, BranchInfo, ModelInfo
from crumple.detect.network import Network, load_network
from crumple.detect.released import released_model
from crumple.detect.rescoring import rescored
from crumple.errors import ModelError
from crumple.files import as_path
from crumple.photo import check_pixels
from crumple.taxonomy import DAMAGE_BRANCH

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
        return Detector(MirroredNetwork(self.network, self.info.branches, self.info.places), self.info.accurately())

    def read(
        self, outputs: dict[str, npt.NDArray[Any]], placement: Placement, min_score: float = 0.0, item: int = 0
    ) -> Detections:
        """The network's outputs for photo `item` of a batch -> detections in photo pixels, clipped to the photo."""
        own = _Outputs(outputs, item, self.info)
        photo = None
        if self.info.places:
            photo = PhotoParts(self.info.places, own.floats(PARTS_SEEN), own.floats(PARTS_DAMAGED))
        branches = {
            branch.name: self._branch(own, branch, placement, min_score, photo) for branch in self.info.branches
        }
        return Detections(branches, photo)

    def _branch(
        self, outputs: "_Outputs", branch: BranchInfo, placement: Placement, min_score: float, photo: PhotoParts | None
    ) -> BranchDetections:
        boxes, scores, labels, masks = (
            outputs[f"{branch.name}_{kind}"] for kind in ("boxes", "scores", "labels", "masks")
        )
        places = outputs.floats(DAMAGE_PLACES) if photo and branch.name == DAMAGE_BRANCH else None
        there = scores > 0  # an empty slot has a score of 0, and stays empty
        used = labels[there]
        if used.size and (used.min() < 0 or used.max() >= len(branch.classes)):
            raise ModelError(
                f"the network gives label {used.max()} in branch '{branch.name}', "
                f"for which model.json has {len(branch.classes)} classes; {MEND}"
            )
        if places is not None and self.info.rescoring:
            names = [branch.classes[label] if full else "" for label, full in zip(labels, there, strict=True)]
            scores = rescored(scores, outputs[DAMAGE_REAL], names, self.info.rescoring)
        order = np.argsort(-scores, kind="stable")
        order = order[there[order] & (scores[order] > 0) & (scores[order] >= min_score)]
        labels = labels[order].astype(np.int32)
        found = BranchDetections(
            placement.to_photo(boxes[order]),
            scores[order].astype(np.float32),
            labels,
            masks[order].astype(np.float32),
            branch.classes,
            None if places is None else places[order],
            None if places is None else outputs[DAMAGE_REAL].astype(np.float32)[order],
        )
        return clip(found, placement.photo_height, placement.photo_width)


@dataclass(frozen=True)
class _Outputs:
    """A network's outputs for one photo of a batch, by name. ModelError for one that it does not give."""

    outputs: dict[str, npt.NDArray[Any]]
    item: int
    info: ModelInfo

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        if name not in self.outputs:
            raise ModelError(f"the network gives no output '{name}', which model {self.info.name} must have; {MEND}")
        return np.asarray(self.outputs[name][self.item])

    def floats(self, name: str) -> npt.NDArray[np.float32]:
        """Of a place head: (..., P)."""
        values = self[name].astype(np.float32)
        if values.shape[-1] != len(self.info.places):
            raise ModelError(
                f"the network gives {values.shape[-1]} places in '{name}', "
                f"for which model.json has {len(self.info.places)}; {MEND}"
            )
        return values


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
    return replace(found, boxes=boxes, masks=masks).keep(kept)


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
