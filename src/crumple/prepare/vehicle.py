"""Is there a vehicle, how much of the photo is it, and from where is it seen: what the model's parts say.

The view is a rule on the areas of the parts that were found, not a trained class: the end of the vehicle (front or
back) that shows more, and the side whose doors show more, each if it makes up VIEW_SHARE of what tells a view at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.detect import fusion
from crumple.detect.detections import BranchDetections
from crumple.detect.detector import Detector
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH

VIEW_SHARE = 0.12
DETAIL, UNKNOWN = "detail", "none"
_FRONT = {"front_bumper", "front_glass", "front_left_light", "front_right_light", "hood"}
_BACK = {"back_bumper", "back_glass", "back_left_light", "back_right_light", "trunk", "tailgate"}
_LEFT, _RIGHT = {"front_left_door", "back_left_door"}, {"front_right_door", "back_right_door"}


@dataclass(frozen=True)
class Vehicle:
    """share: of the photo that the vehicle's parts cover, 0 to 1. view: front, back, left, right, front_left, ...;
    "detail" if what is seen tells no view, "none" if no part is seen. Left and right are the vehicle's own.

    damage: whether a damage is confirmed. suspected: whether one is at least suspected, which makes a close-up without
    any whole part a photo of a vehicle.
    """

    share: float
    view: str
    damage: bool
    suspected: bool = False


def find_vehicle(rgb: npt.NDArray[np.uint8], detector: Detector) -> Vehicle:
    """Look at a photo (H, W, 3) uint8 with a model that has the branch "parts"; "damage" is used if it is there."""
    height, width = rgb.shape[:2]
    found = detector(rgb)
    parts = _above(detector, PARTS_BRANCH, found[PARTS_BRANCH], "suspected")
    patches = [parts.patch(i, height, width) for i in range(len(parts))]
    kept = fusion.distinct(patches)
    areas: dict[str, int] = {}
    for i in kept:
        areas[parts.name(i)] = areas.get(parts.name(i), 0) + patches[i].area
    share = fusion.joint([patches[i] for i in kept]).area / (height * width)
    damage, suspected = (
        DAMAGE_BRANCH in found and len(_above(detector, DAMAGE_BRANCH, found[DAMAGE_BRANCH], level)) > 0
        for level in ("confirmed", "suspected")
    )
    return Vehicle(round(share, 3), view(areas), damage, suspected)


def view(areas: Mapping[str, float]) -> str:
    """The view that parts of these areas (any unit) make; see above."""
    if not any(areas.values()):
        return UNKNOWN
    sums = [sum(area for name, area in areas.items() if name in group) for group in (_FRONT, _BACK, _LEFT, _RIGHT)]
    enough = VIEW_SHARE * sum(sums)
    words = []
    for names, (one, other) in ((("front", "back"), sums[:2]), (("left", "right"), sums[2:])):
        if max(one, other) > 0 and max(one, other) >= enough:
            words.append(names[0] if one >= other else names[1])
    return "_".join(words) or DETAIL


def _above(detector: Detector, branch: str, found: BranchDetections, level: str) -> BranchDetections:
    """The detections that reach the model's own thresholds."""
    lowest = [getattr(detector.info.threshold(branch, label), level) for label in found.classes]
    return found.keep(found.scores >= np.array(lowest, np.float32)[found.labels])
