"""The fit of `PlaceCalibration` and `SeenCalibration` to place labels. R rows: pairs of a damage (or photo) and a place."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration

Floats = npt.NDArray[np.float64]

Calibrations = TypeVar("Calibrations", PlaceCalibration, SeenCalibration)


@dataclass(frozen=True, eq=False)
class Fit(Generic[Calibrations]):
    """calibration: fitted on all. held_out: (R,) probabilities from fits on other claims; None: one claim alone."""

    calibration: Calibrations
    held_out: Floats | None


def fit_places(
    features: Floats,
    there: npt.NDArray[np.bool_],
    claims: npt.NDArray[np.integer],
    weights: Floats | None = None,
) -> Fit[PlaceCalibration]:
    """Fit offset, head, outline and seen; the `_from`s keep their defaults, for the caller to choose on val.

    Args:
        features: (R, 3), rows of `PlaceEvidence.features`. there: (R,), whether the label names the place. claims: (R,)
            numbers. weights: (R,): 1, less where the reader was unsure; 0 for both sides of a part whose side the label
            does not know.
    """
    raise NotImplementedError


def fit_seen(
    features: Floats,
    there: npt.NDArray[np.bool_],
    claims: npt.NDArray[np.integer],
    weights: Floats | None = None,
) -> Fit[SeenCalibration]:
    """The same for what the photo shows; features (R, 2) are rows of `seen_evidence`."""
    raise NotImplementedError
