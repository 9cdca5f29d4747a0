"""Logistic regression with few coefficients: how places and scores become probabilities.

R rows, F features. Ridge-regularised: each coefficient has a normal prior, so that few rows say little.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fit(
    features: Floats, right: npt.NDArray[np.bool_], centre: Floats, sd: Floats, weights: Floats | None = None
) -> Floats:
    """(F,) the coefficients with the highest posterior. A constant is a feature of ones.

    Args:
        features: (R, F). right: (R,). centre, sd: (F,) of the prior. weights: (R,) how much each row counts; None: 1.
    """
    raise NotImplementedError


def held_out(
    features: Floats,
    right: npt.NDArray[np.bool_],
    claims: npt.NDArray[np.integer],
    centre: Floats,
    sd: Floats,
    weights: Floats | None = None,
    seed: int = 0,
) -> Floats | None:
    """(R,) probabilities, each from a fit on the other claims (5 folds); None where there is but one claim.

    Args:
        claims: (R,) number of the claim of each row.
    """
    raise NotImplementedError
