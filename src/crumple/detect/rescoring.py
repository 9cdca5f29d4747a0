"""A second opinion on a damage's score: the detector looks closely, the places' network sees the whole photo.

N detections of the branch damage.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from crumple.detect.logits import logistic, logit

Floats = npt.NDArray[np.floating[Any]]


class Rescoring(BaseModel):
    """The new score's logit is offset + classes[label] + score * logit(score) + real * logit(real).

    A damage type that is not named in `classes` has 0 there. The defaults leave scores as they are.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    offset: float = 0.0
    score: float = 1.0
    real: float = 0.0
    classes: dict[str, float] = Field(default_factory=dict)


def rescored(scores: Floats, real: Floats, labels: Sequence[str], rescoring: Rescoring) -> npt.NDArray[np.float32]:
    """(N,) float32 scores with the second opinion. `Detector.read` applies it, so every score of the model has it.

    Args:
        scores: (N,) of the network. real: (N,), its output `damage_real`. labels: N damage types.
    """
    if rescoring == Rescoring():
        return scores.astype(np.float32)
    own = np.array([rescoring.classes.get(label, 0.0) for label in labels])
    exponent = rescoring.offset + own + rescoring.score * logit(scores) + rescoring.real * logit(real)
    return logistic(exponent).astype(np.float32)
