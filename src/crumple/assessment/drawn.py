"""Damages that people drew, in place of the model's findings; the model still says on which parts they lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.assessment.findings import Seen, outlined_mask
from crumple.detect.boxes import box_iou
from crumple.detect.detections import BranchDetections
from crumple.detect.logits import logistic, logit
from crumple.detect.masks import Patch


@dataclass(frozen=True, eq=False)
class Drawing:
    """One damage that a person drew: its type and its pixels on the photo, of which there is at least one.

    annotation: its id where it is from.
    """

    damage: str
    patch: Patch
    annotation: int


def see_drawn(drawings: Sequence[Drawing], found: BranchDetections | None, height: int, width: int) -> list[Seen]:
    """The drawings as if they had been detected, surely, on a photo (height, width).

    Args:
        found: the model's damages down to the lowest score: what it says of the surroundings of those that lie where
            something was drawn is said of the drawing. None: it looks for no damage.
    """
    return [
        Seen(
            drawing.damage,
            1.0,
            drawing.patch,
            _places(drawing, found),
            box=_box(drawing.patch),
            mask=outlined_mask(drawing.patch, height, width),
        )
        for drawing in drawings
    ]


def _places(drawing: Drawing, found: BranchDetections | None) -> npt.NDArray[np.float32] | None:
    """(P,) a mean of what the place head says of the detections that overlap it; None: it says nothing of any.

    Those that lie nearer, and those of its type, count more.
    """
    if found is None or found.places is None or not len(found):
        return None
    overlap = box_iou(np.array(_box(drawing.patch), np.float32), found.boxes)
    same_type = np.array([found.classes[label] == drawing.damage for label in found.labels])
    weight = overlap**2 * (1 + same_type)
    if not weight.any():
        return None
    return logistic(weight @ logit(found.places) / weight.sum()).astype(np.float32)


def _box(patch: Patch) -> tuple[float, float, float, float]:
    left, top, right, bottom = patch.box
    return float(left), float(top), float(right), float(bottom)
