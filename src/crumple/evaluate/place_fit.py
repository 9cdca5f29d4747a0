"""The fit of `PlaceCalibration` and `SeenCalibration` to place labels.

R rows: pairs of a damage, or a photo, and a place.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.evaluate.logistic import fit, held_out

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Calibrations = TypeVar("Calibrations", PlaceCalibration, SeenCalibration)

_SD = 2.0  # of the priors: around a head that is right already, and no say of the others


@dataclass(frozen=True, eq=False)
class Fit(Generic[Calibrations]):
    """calibration: fitted on all. held_out: (R,) probabilities from fits on other claims; None: one claim alone."""

    calibration: Calibrations
    held_out: Floats | None


def fit_places(
    features: Floats, there: Bools, claims: npt.NDArray[np.integer], weights: Floats | None = None
) -> Fit[PlaceCalibration]:
    """Fit offset, head, outline and seen; the `_from`s keep their defaults, for the caller to choose on val.

    Args:
        features: (R, 3), rows of `PlaceEvidence.features`. there: (R,), whether the label names the place. claims: (R,)
            numbers. weights: (R,): 1, less where the reader was unsure; 0 for both sides of a part whose side the label
            does not know.
    """
    (offset, head, outline, seen), chances = _fit(features, there, claims, weights)
    return Fit(PlaceCalibration(offset=offset, head=head, outline=outline, seen=seen), chances)


def fit_seen(
    features: Floats, there: Bools, claims: npt.NDArray[np.integer], weights: Floats | None = None
) -> Fit[SeenCalibration]:
    """The same for what the photo shows; features (R, 2) are rows of `seen_evidence`."""
    (offset, head, outline), chances = _fit(features, there, claims, weights)
    return Fit(SeenCalibration(offset=offset, head=head, outline=outline), chances)


def _fit(
    features: Floats, there: Bools, claims: npt.NDArray[np.integer], weights: Floats | None
) -> tuple[list[float], Floats | None]:
    with_offset = np.concatenate([np.ones((len(features), 1)), features], axis=1)
    centre = np.array([0.0, 1.0] + [0.0] * (features.shape[1] - 1))
    sd = np.full(len(centre), _SD)
    coefficients = fit(with_offset, there, centre, sd, weights).round(6).tolist()
    return coefficients, held_out(with_offset, there, claims, centre, sd, weights)
