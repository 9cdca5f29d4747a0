"""Shares of photos on which any damage is reported, by what kind of photo it is, on every resample.

S resamples (row 0: the photos as they are), N photos.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from crumple.evaluate.bootstrap import ratio
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.regions import reported
from crumple.taxonomy import DAMAGE_BRANCH

DAMAGED, ALARMED = "damaged photos with a finding", "undamaged photos with a finding"


def photo_shares(
    photos: Sequence[JudgedPhoto], weights: np.ndarray, lowest: Mapping[str, float]
) -> dict[str, np.ndarray]:
    """(S,) share of the damaged and of the undamaged photos on which any damage is reported; NaN without such photos.

    Args:
        weights: (S, N), see `bootstrap.resamples`.
        lowest: by damage type, the lowest score that is reported.
    """
    alarm = np.array([bool(reported(photo.found.get(DAMAGE_BRANCH, ()), lowest)) for photo in photos], bool)
    damaged = np.array([bool(photo.drawn.get(DAMAGE_BRANCH)) for photo in photos], bool)
    clean = np.array([photo.truth.undamaged for photo in photos], bool)
    return {
        name: ratio(weights @ (kind & alarm).astype(float), weights @ kind.astype(float))
        for name, kind in ((DAMAGED, damaged), (ALARMED, clean))
    }
