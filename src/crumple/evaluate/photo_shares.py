"""Shares of photos on which any damage is reported, or rightly so, by what kind of photo it is, on every resample.

S resamples (row 0: the photos as they are), N photos.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from crumple.evaluate.bootstrap import ratio
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.matching import NO_PARTNER, match_photo
from crumple.evaluate.regions import reported
from crumple.taxonomy import DAMAGE_BRANCH

DAMAGED, ALARMED = "damaged photos with a finding", "undamaged photos with a finding"
RIGHT = "damaged photos with a right finding"  # one of the class and, at mask IoU 0.5, in the place of a drawn damage


def photo_shares(
    photos: Sequence[JudgedPhoto], weights: np.ndarray, lowest: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """(S,) share of the damaged and of the undamaged photos on which any damage is reported, and of the damaged ones on
    which one is reported rightly; NaN without such photos.

    Args:
        weights: (S, N), see `bootstrap.resamples`.
        lowest: by damage type, the lowest score that is reported.
    """
    alarm = np.array([bool(reported(photo.found.get(DAMAGE_BRANCH, ()), lowest)) for photo in photos], bool)
    matches = (match_photo(photo.regions(DAMAGE_BRANCH), lowest) for photo in photos)
    right = np.array([(match.partner != NO_PARTNER).any() for match in matches], bool)  # a crowd is a place too
    damaged = np.array([bool(photo.drawn.get(DAMAGE_BRANCH)) for photo in photos], bool)
    clean = np.array([photo.truth.undamaged for photo in photos], bool)
    return {
        name: ratio(weights @ (kind & seen).astype(float), weights @ kind.astype(float))
        for name, kind, seen in ((DAMAGED, damaged, alarm), (RIGHT, damaged, right), (ALARMED, clean, alarm))
    }
