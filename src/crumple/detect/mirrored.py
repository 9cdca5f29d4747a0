"""A network that looks twice: at a canvas and at its mirror image, which it does not see alike; both are averaged.

D: slots of one look at one canvas; N: detections of either look, best first; M: cells along one side of a mask grid;
P: places of the place heads, 0 without any.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crumple.detect.boxes import box_iou
from crumple.detect.detections import DAMAGE_PLACES, DAMAGE_REAL, PARTS_DAMAGED, PARTS_SEEN
from crumple.detect.model_info import BranchInfo
from crumple.detect.network import Network
from crumple.taxonomy import DAMAGE_BRANCH, mirror

SAME_IOU = 0.5  # boxes of one class that overlap more than that are one object


class Slots(NamedTuple):
    """One branch's outputs for one canvas, as `Network` gives them.

    boxes (D, 4) xyxy canvas pixels, scores (D,) with 0 for an empty slot, labels (D,), masks (D, M, M), places (D, P),
    real (D,).
    """

    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: npt.NDArray[np.integer[Any]]
    masks: npt.NDArray[np.float32]
    places: npt.NDArray[np.float32]
    real: npt.NDArray[np.float32]


class MirroredNetwork:
    """A `Network` of the same outputs as the one it is made of, which it runs twice.

    Args:
        branches: the network's; their class names tell what is called otherwise in a mirror.
        places: of its place heads; none without them.
    """

    def __init__(self, network: Network, branches: Sequence[BranchInfo], places: Sequence[str] = ()) -> None:
        self._network = network
        self._classes = {branch.name: branch.classes for branch in branches}
        self._opposite = opposite(places)

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
        straight, flipped = self._network(canvas), self._network(canvas[:, :, ::-1])
        outputs: dict[str, npt.NDArray[Any]] = {}
        for name, classes in self._classes.items():
            names = _outputs(name, len(self._opposite))
            seen = [
                average(
                    _slots(straight, names, i),
                    mirrored(_slots(flipped, names, i), canvas.shape[2], classes, self._opposite),
                )
                for i in range(len(canvas))
            ]
            for kind, output in names.items():
                outputs[output] = np.stack([getattr(slots, kind) for slots in seen])
        if len(self._opposite):
            for output in (PARTS_SEEN, PARTS_DAMAGED):
                outputs[output] = (straight[output] + flipped[output][:, self._opposite]) / 2
        return outputs


def opposite(places: Sequence[str]) -> npt.NDArray[np.int64]:
    """(P,): position of what each place is in a mirror image; of itself where that is no place of the model."""
    return np.array(
        [places.index(mirror(name)) if mirror(name) in places else i for i, name in enumerate(places)], np.int64
    )


def _outputs(branch: str, places: int) -> dict[str, str]:
    """The network's outputs for a branch, by field of `Slots`."""
    names = {kind: f"{branch}_{kind}" for kind in ("boxes", "scores", "labels", "masks")}
    return names | ({"places": DAMAGE_PLACES, "real": DAMAGE_REAL} if places and branch == DAMAGE_BRANCH else {})


def _slots(outputs: dict[str, npt.NDArray[Any]], names: dict[str, str], item: int) -> Slots:
    found = {kind: outputs[name][item] for kind, name in names.items()}
    slots = len(found["scores"])
    return Slots(**{"places": np.zeros((slots, 0), np.float32), "real": np.zeros(slots, np.float32)} | found)


def mirrored(seen: Slots, width: int, classes: Sequence[str], opposite_places: npt.NDArray[np.int64]) -> Slots:
    """What was seen in the mirror image of a canvas `width` pixels wide, as it is on the canvas. Its own inverse.

    opposite_places: of the model, see `opposite`.
    """
    left, top, right, bottom = seen.boxes.T
    labels = seen.labels.copy()
    for i, name in enumerate(classes):
        if mirror(name) != name and mirror(name) in classes:
            labels[seen.labels == i] = classes.index(mirror(name))
    boxes = np.stack([width - right, top, width - left, bottom], axis=1)
    places = seen.places[:, opposite_places] if seen.places.shape[1] else seen.places
    return Slots(boxes, seen.scores, labels, seen.masks[:, :, ::-1], places, seen.real)


def average(one: Slots, other: Slots) -> Slots:
    """Two looks at the same canvas as one, best first, in as many slots.

    The best detection and the best one of the same class that the other look has in its place become one: the mean of
    both scores, and the mean of boxes, mask grids, places and second opinions with the scores as weights. One without a
    partner keeps them, and gets half its score. Others of the class in the same place are dropped, as one look's NMS
    drops them.
    """
    scores = np.concatenate([one.scores, other.scores])
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > 0]
    boxes, scores, labels, masks, places, real = (np.concatenate(pair)[order] for pair in zip(one, other, strict=True))
    same = (labels[:, None] == labels) & (box_iou(boxes[:, None], boxes) > SAME_IOU)
    kept, partner = _pairs(same, order < len(one.scores))
    # One without a partner is its own: a mean with itself leaves box and mask as they are.
    both = np.where(partner != kept, scores[partner], 0)
    share = scores[kept] / (scores[kept] + scores[partner])
    means = (scores[kept] + both) / 2
    best = np.argsort(-means, kind="stable")[: len(one.scores)]
    kept, partner, share, means = kept[best], partner[best], share[best], means[best]
    merged = Slots(*(np.zeros_like(array) for array in one))
    n = len(kept)
    merged.boxes[:n] = _mean(boxes[kept], boxes[partner], share[:, None])
    merged.scores[:n] = means
    merged.labels[:n] = labels[kept]
    merged.masks[:n] = _mean(masks[kept], masks[partner], share[:, None, None])
    merged.places[:n] = _mean(places[kept], places[partner], share[:, None])
    merged.real[:n] = _mean(real[kept], real[partner], share)
    return merged


def _pairs(
    same: npt.NDArray[np.bool_], straight: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of N detections the positions of those to keep, and of their partners; of itself where it has none.

    Args:
        same: (N, N), whether two are one object.
        straight: (N,), which look each is of.
    """
    free = np.ones(len(same), bool)
    kept, partner = [], []
    for i in range(len(same)):
        if free[i]:
            there = np.flatnonzero(same[i] & free & (straight != straight[i]))
            kept.append(i)
            partner.append(there[0] if len(there) else i)
            free &= ~same[i]
    return np.array(kept, np.int64), np.array(partner, np.int64)


def _mean(a: npt.NDArray[Any], b: npt.NDArray[Any], share: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Mask grids too, though each is in its own box: brought into the mean box first, they had no better AP."""
    return b + (a - b) * share  # exactly a where both are the same
