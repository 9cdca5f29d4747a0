"""The fit of `PlaceCalibration` and `SeenCalibration` to rows of evidence, which `place_choice` makes.

R rows: pairs of a damage, or a photo, and a place.
"""

import numpy as np
import numpy.typing as npt

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.evaluate.measures.logistic import fit

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_SD = 2.0  # of the priors: around a head that is right already, and no say of the others


def fit_places(features: Floats, there: Bools, weights: Floats | None = None) -> PlaceCalibration:
    """Fit offset, head, outline and seen; the `_from`s keep their defaults, for the caller to choose on val.

    Args:
        features: (R, 3), rows of `PlaceEvidence.features`. there: (R,), whether the label names the place. weights:
            (R,): 1, less where the reader was unsure; 0 for both sides of a part whose side the label does not know.
    """
    offset, head, outline, seen = _fit(features, there, weights)
    return PlaceCalibration(offset=offset, head=head, outline=outline, seen=seen)


def fit_seen(features: Floats, there: Bools, weights: Floats | None = None) -> SeenCalibration:
    """The same for what the photo shows; features (R, 2) are rows of `seen_evidence`."""
    offset, head, outline = _fit(features, there, weights)
    return SeenCalibration(offset=offset, head=head, outline=outline)


def _fit(features: Floats, there: Bools, weights: Floats | None) -> list[float]:
    with_offset = np.concatenate([np.ones((len(features), 1)), features], axis=1)
    centre = np.array([0.0, 1.0] + [0.0] * (features.shape[1] - 1))
    return fit(with_offset, there, centre, np.full(len(centre), _SD), weights).round(6).tolist()
