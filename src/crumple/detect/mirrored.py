"""A network that looks twice: at a canvas and at its mirror image, which it does not see alike; both are averaged.

D: slots of one look at one canvas; N: detections of either look, best first; M: cells along one side of a mask grid.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crumple.detect.boxes import box_iou
from crumple.detect.model_info import BranchInfo
from crumple.detect.network import Network
from crumple.taxonomy import mirror

SAME_IOU = 0.5  # boxes of one class that overlap more than that are one object


class Slots(NamedTuple):
    """One branch's outputs for one canvas, as `Network` gives them.

    boxes (D, 4) xyxy canvas pixels, scores (D,) with 0 for an empty slot, labels (D,), masks (D, M, M).
    """

    boxes: npt.NDArray[np.float32]
    scores: npt.NDArray[np.float32]
    labels: npt.NDArray[np.integer[Any]]
    masks: npt.NDArray[np.float32]


class MirroredNetwork:
    """A `Network` of the same outputs as the one it is made of, which it runs twice.

    Args:
        branches: the network's; their class names tell what is called otherwise in a mirror.
    """

    def __init__(self, network: Network, branches: Sequence[BranchInfo]) -> None:
        self._network = network
        self._classes = {branch.name: branch.classes for branch in branches}

    def __call__(self, canvas: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
        straight, flipped = self._network(canvas), self._network(canvas[:, :, ::-1])
        outputs: dict[str, npt.NDArray[Any]] = {}
        for name, classes in self._classes.items():
            seen = [
                average(_slots(straight, name, i), mirrored(_slots(flipped, name, i), canvas.shape[2], classes))
                for i in range(len(canvas))
            ]
            for kind in Slots._fields:
                outputs[f"{name}_{kind}"] = np.stack([getattr(slots, kind) for slots in seen])
        return outputs


def _slots(outputs: dict[str, npt.NDArray[Any]], branch: str, item: int) -> Slots:
    return Slots(*(outputs[f"{branch}_{kind}"][item] for kind in Slots._fields))


def mirrored(seen: Slots, width: int, classes: Sequence[str]) -> Slots:
    """What was seen in the mirror image of a canvas `width` pixels wide, as it is on the canvas. Its own inverse."""
    left, top, right, bottom = seen.boxes.T
    labels = seen.labels.copy()
    for i, name in enumerate(classes):
        if mirror(name) != name and mirror(name) in classes:
            labels[seen.labels == i] = classes.index(mirror(name))
    boxes = np.stack([width - right, top, width - left, bottom], axis=1)
    return Slots(boxes, seen.scores, labels, seen.masks[:, :, ::-1])


def average(one: Slots, other: Slots) -> Slots:
    """Two looks at the same canvas as one, best first, in as many slots.

    The best detection and the best one of the same class that the other look has in its place become one: the mean of
    both scores, and the mean of boxes and of mask grids with the scores as weights. One without a partner keeps its box
    and mask, and gets half its score. Others of the class in the same place are dropped, as one look's NMS drops them.
    """
    scores = np.concatenate([one.scores, other.scores])
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > 0]
    boxes, scores, labels, masks = (np.concatenate(pair)[order] for pair in zip(one, other, strict=True))
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
