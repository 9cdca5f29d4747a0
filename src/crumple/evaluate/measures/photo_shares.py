"""Shares of photos on which any damage is reported, or rightly so, by what kind of photo it is, on every resample.

S resamples (row 0: the photos as they are), N photos.
"""

from collections.abc import Sequence

import numpy as np

from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.measures.bootstrap import ratio
from crumple.evaluate.measures.error_types import CORRECT, OUTLINE, photo_errors
from crumple.evaluate.measures.matching import match_photo
from crumple.taxonomy import DAMAGE_BRANCH

DAMAGED, ALARMED = "damaged photos with a finding", "undamaged photos with a finding"
RIGHT = "damaged photos with a right finding"  # one of the class and, at mask IoU 0.5, in the place of a drawn damage
NEAR = "damaged photos with a near finding"  # the same at mask IoU 0.1: its outline may be another


def photo_shares(photos: Sequence[JudgedPhoto], weights: np.ndarray) -> dict[str, np.ndarray]:
    """(S,) share of the damaged and of the undamaged photos on which any damage is reported, and of the damaged ones on
    which one is reported rightly, or nearly so; NaN without such photos. Sets that are judged apart are left out.

    Args:
        photos: with what is reported of them. weights: (S, N), see `bootstrap.resamples`.
    """
    alarm = np.array([bool(photo.found.get(DAMAGE_BRANCH, ())) for photo in photos], bool)
    types = [set(photo_errors(match_photo(photo.regions(DAMAGE_BRANCH), {})).types) for photo in photos]
    right = np.array([bool(seen & {CORRECT, None}) for seen in types], bool)  # a crowd is a place too
    near = right | np.array([OUTLINE in seen for seen in types], bool)
    pooled = np.array([DAMAGE_BRANCH not in photo.truth.apart for photo in photos], bool)
    damaged = np.array([bool(photo.drawn.get(DAMAGE_BRANCH)) for photo in photos], bool) & pooled
    clean = np.array([photo.truth.undamaged for photo in photos], bool)
    return {
        name: ratio(weights @ (kind & seen).astype(float), weights @ kind.astype(float))
        for name, kind, seen in (
            (DAMAGED, damaged, alarm),
            (NEAR, damaged, near),
            (RIGHT, damaged, right),
            (ALARMED, clean, alarm),
        )
    }
