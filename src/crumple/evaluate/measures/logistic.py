"""Logistic regression with few coefficients: how scores and places become probabilities.

R rows, F features. Each coefficient has a normal prior, so that few rows say little.
"""

import numpy as np
import numpy.typing as npt

from crumple.detect.logits import logistic

Floats = npt.NDArray[np.float64]
FOLDS = 5
MAX_STEPS = 100


def fit(
    features: Floats, right: npt.NDArray[np.bool_], centre: Floats, sd: Floats, weights: Floats | None = None
) -> Floats:
    """(F,) the coefficients with the highest posterior, by Newton's method: the problem is convex, so there is one.

    Args:
        features: (R, F); a constant is a feature of ones. right: (R,). centre, sd: (F,) of the prior. weights: (R,) how
            much each row counts; None: 1.
    """
    counts = np.ones(len(features)) if weights is None else weights
    precision = sd**-2.0
    sign = np.where(right, 1.0, -1.0)

    def loss(at: Floats) -> float:
        rows = counts * np.logaddexp(0, -sign * (features @ at))
        return float(rows.sum() + (precision * (at - centre) ** 2).sum() / 2)

    at = centre.astype(np.float64)
    for _ in range(MAX_STEPS):
        chance = logistic(features @ at)
        gradient = features.T @ (counts * (chance - right)) + precision * (at - centre)
        curvature = (features.T * (counts * chance * (1 - chance))) @ features + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        while loss(at - step) > loss(at) and np.abs(step).max() > 1e-9:
            step = step / 2
        at = at - step
        if np.abs(step).max() < 1e-9:
            break
    return at


def claim_folds(claims: npt.NDArray[np.integer], seed: int = 0) -> list[npt.NDArray[np.bool_]]:
    """The rows of each fold, (R,) bool: at most 5 folds, the rows of a claim in one. Empty where there is one claim.

    claims: (R,) number of the claim of each row.
    """
    numbers = np.unique(claims)
    folds = min(FOLDS, len(numbers))
    if folds < 2:
        return []
    return [np.isin(claims, fold) for fold in np.array_split(np.random.default_rng(seed).permutation(numbers), folds)]
