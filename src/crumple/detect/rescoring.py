"""A second opinion on a damage's score: what the photo as a whole says of damage on the place where it lies."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

Floats = npt.NDArray[np.floating[Any]]


class Rescoring(BaseModel):
    """The new score's logit is offset + score * logit(score) + damaged * logit(damaged). These leave it as it is."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    offset: float = 0.0
    score: float = 1.0
    damaged: float = 0.0


def damaged_there(places: Floats, damaged: Floats) -> Floats:
    """(N,): the probability of damage on the place where each detection most probably lies.

    Args:
        places: (N, P), of the place head. damaged: (P,), `PhotoParts.damaged`.
    """
    raise NotImplementedError


def rescored(scores: Floats, damaged: Floats, rescoring: Rescoring) -> Floats:
    """(N,) float32 scores with the second opinion. `Detector.read` applies it, so every score of the model has it.

    Args:
        scores: (N,) of the network. damaged: (N,) from `damaged_there`.
    """
    raise NotImplementedError
