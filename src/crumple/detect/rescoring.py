"""A second opinion on a damage's score: what the photo as a whole says of damage on the place where it lies.

N detections, P places.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from crumple.detect.logits import logistic, logit

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
    return damaged[np.argmax(places, axis=1)]


def rescored(scores: Floats, damaged: Floats, rescoring: Rescoring) -> npt.NDArray[np.float32]:
    """(N,) float32 scores with the second opinion. `Detector.read` applies it, so every score of the model has it.

    Args:
        scores: (N,) of the network. damaged: (N,) from `damaged_there`.
    """
    if rescoring == Rescoring():
        return scores.astype(np.float32)
    exponent = rescoring.offset + rescoring.score * logit(scores) + rescoring.damaged * logit(damaged)
    return logistic(exponent).astype(np.float32)
