"""Is there a vehicle, how much of the photo is it, and from where is it seen: what the model's parts say."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.detect import fusion
from crumple.detect.detections import BranchDetections
from crumple.detect.detector import Detector
from crumple.detect.masks import Patch
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH
from crumple.view import view


@dataclass(frozen=True)
class Vehicle:
    """share: of the photo that the vehicle's parts cover, 0 to 1. view: see `crumple.view`.

    damage: whether a damage reaches the upper threshold of its type. maybe_damage: whether one reaches the lower, which
    makes a close-up without any whole part a photo of a vehicle.
    """

    share: float
    view: str
    damage: bool
    maybe_damage: bool = False


def find_vehicle(rgb: npt.NDArray[np.uint8], detector: Detector) -> Vehicle:
    """Look at a photo (H, W, 3) uint8 with a model that has the branch "parts"; "damage" is used if it is there."""
    height, width = rgb.shape[:2]
    found = detector(rgb)
    parts = _above(detector, PARTS_BRANCH, found[PARTS_BRANCH], "lower")
    patches = [parts.patch(i, height, width) for i in range(len(parts))]
    kept = fusion.distinct(patches)
    areas: dict[str, int] = {}
    for i in kept:
        areas[parts.name(i)] = areas.get(parts.name(i), 0) + patches[i].area
    share = Patch.union(patches[i] for i in kept).area / (height * width)
    damage, maybe_damage = (
        DAMAGE_BRANCH in found and len(_above(detector, DAMAGE_BRANCH, found[DAMAGE_BRANCH], level)) > 0
        for level in ("upper", "lower")
    )
    return Vehicle(round(share, 3), view(areas), damage, maybe_damage)


def _above(detector: Detector, branch: str, found: BranchDetections, level: str) -> BranchDetections:
    """The detections that reach the model's own thresholds."""
    lowest = [getattr(detector.info.threshold(branch, label), level) for label in found.classes]
    return found.keep(found.scores >= np.array(lowest, np.float32)[found.labels])
