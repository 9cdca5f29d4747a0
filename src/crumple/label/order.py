"""In which order photos are labelled: first those of which the model learns most.

N photos; D detections of one photo.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from crumple.detect.detections import Detections
from crumple.detect.model_info import ModelInfo
from crumple.label.photos import LabelPhoto
from crumple.prepare.copies.hashes import distances

Order = Literal["uncertain", "diverse", "as-is"]
# Scores below this are noise that every photo has plenty of.
LOWEST_SCORE = 0.1
# Of each photo the least certain detections count; the mean of all would favour photos with little on them.
COUNTED = 5


def uncertainty(detections: Detections, info: ModelInfo) -> float:
    """How unsure the model is of a photo, 0 to 1: the mean entropy, in bits, of its COUNTED least certain detections.

    A detection's entropy is that of its probability to be right, by the model's calibration where there is one, else
    by its score. A photo with fewer detections counts 0 for those it lacks.
    """
    chances = []
    for branch, found in detections.items():
        for i in range(len(found)):
            score = float(found.scores[i])
            if score >= LOWEST_SCORE:
                known = info.probability(branch, found.name(i), score)
                chances.append(score if known is None else known)
    p = np.clip(np.array(chances, np.float64), 1e-9, 1 - 1e-9)
    entropies = np.sort(-(p * np.log2(p) + (1 - p) * np.log2(1 - p)))[::-1]
    return float(entropies[:COUNTED].sum() / COUNTED)


def most_uncertain_first(
    photos: Sequence[LabelPhoto], uncertainty_of: Callable[[LabelPhoto], float]
) -> list[LabelPhoto]:
    """By `uncertainty_of` each photo; equals stay in the order given."""
    known = [uncertainty_of(photo) for photo in photos]
    return [photos[i] for i in sorted(range(len(photos)), key=lambda i: -known[i])]


def most_different_first(
    photos: Sequence[LabelPhoto], hash_of: Callable[[LabelPhoto], int], present: Sequence[int] = ()
) -> list[LabelPhoto]:
    """Each time the photo whose perceptual hash is farthest from all before it: the greedy k-centre order.

    Args:
        present: hashes of photos that are labelled already, or being labelled.

    Source: Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985; for active learning, Sener and
    Savarese, "Active learning for convolutional neural networks: a core-set approach", 2018.
    """
    if not photos:
        return []
    hashes = np.array([hash_of(photo) for photo in photos], np.uint64)
    # 255 of 64 bits: nothing is there yet, and the first photo comes first.
    nearest = np.full(len(photos), 255, np.uint8)
    for one in present:
        nearest = np.minimum(nearest, distances(hashes, np.array([one], np.uint64))[:, 0])
    left = np.ones(len(photos), bool)
    order = []
    for _ in photos:
        chosen = int(np.argmax(np.where(left, nearest.astype(np.int16), -1)))
        order.append(photos[chosen])
        left[chosen] = False
        nearest = np.minimum(nearest, distances(hashes, hashes[chosen : chosen + 1])[:, 0])
    return order
