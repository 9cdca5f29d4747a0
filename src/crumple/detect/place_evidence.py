"""What speaks for a place: the place head, the outline of the part under the damage, and that the photo shows it.

P: places of the network's place heads; K: candidates in this photo; N: damages; Q: parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crumple.detect.detections import PhotoParts
from crumple.detect.logits import logit
from crumple.detect.masks import Patch

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outlined:
    """One detection with its pixels. places: (P,) probabilities of the place head, for a damage; None: it has none."""

    label: str
    score: float
    patch: Patch
    places: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class PlaceEvidence:
    """Evidence for each candidate place of each damage.

    names: (K,) candidates: the P places, then parts of other names. features: (N, K, 3) float64: logit of the place
    head, share of the damage on the part's outline times the part's score, logit of seen; each 0 where there is none.
    They are the factors of `head`, `outline` and `seen` of `PlaceCalibration`.
    """

    names: tuple[str, ...]
    features: Floats


def place_evidence(parts: Sequence[Outlined], damages: Sequence[Outlined], photo: PhotoParts | None) -> PlaceEvidence:
    """What speaks for each place of each damage: what `PlaceCalibration` weighs, and what it is fitted on.

    Args:
        parts, damages: at the operating point, as `read_photo_parts` takes them.
    """
    known = photo.names if photo else ()
    names = tuple(dict.fromkeys([*known, *(part.label for part in parts)]))
    features = np.zeros((len(damages), len(names), 3))
    if photo:
        for i, damage in enumerate(damages):
            if damage.places is not None:
                features[i, : len(known), 0] = logit(damage.places)
        features[:, : len(known), 2] = logit(photo.seen)
    for i, damage in enumerate(damages):
        for part in parts:
            k = names.index(part.label)
            share = damage.patch.overlap(part.patch) / damage.patch.area
            features[i, k, 1] = max(features[i, k, 1], share * part.score)
    return PlaceEvidence(names, features)


def seen_evidence(parts: Sequence[Outlined], photo: PhotoParts) -> Floats:
    """(P, 2) what speaks for each place of `photo.names` being seen: the factors of `head` and `outline`."""
    best = {part.label: part.score for part in sorted(parts, key=lambda part: part.score)}
    return np.stack([logit(photo.seen), [best.get(name, 0.0) for name in photo.names]], axis=1)
