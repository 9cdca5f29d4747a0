"""Probabilities and their logits."""

from typing import Any

import numpy as np
import numpy.typing as npt

LEAST = 1e-4  # reports have four decimals


def logit(probability: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """log(p / (1 - p)), of any shape, of probabilities from 0.0001 to 0.9999."""
    p = np.clip(np.asarray(probability, np.float64), LEAST, 1 - LEAST)
    return np.log(p / (1 - p))


def logistic(exponent: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """1 / (1 + exp(-x)), of any shape: the inverse of `logit`. It cannot overflow."""
    half: npt.NDArray[Any] = np.tanh(np.asarray(exponent, np.float64) / 2)
    return 0.5 + 0.5 * half
