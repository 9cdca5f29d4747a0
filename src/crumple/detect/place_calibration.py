"""How the evidence for a place becomes a probability, and from which probability it is said: data of a model.

Both are logistic curves, 1 / (1 + exp(-logit)), over evidence that is 0 where there is none.
"""

import math

from pydantic import BaseModel, ConfigDict, Field


def logit(probability: float) -> float:
    """log(p / (1 - p)) of a probability from 0.0001 to 0.9999: reports have four decimals."""
    probability = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(probability / (1 - probability))


def logistic(exponent: float) -> float:
    """The inverse of `logit`; it cannot overflow."""
    return 0.5 + 0.5 * math.tanh(exponent / 2)


class PlaceCalibration(BaseModel):
    """How likely a damage lies on a place.

    The logit is offset + head * logit(what the place head says) + outline * (share of the damage on the outline of the
    part * score of the part) + seen * logit(probability that the photo shows the place).

    name_from: the least probability of a place that is named. second_from: of a second one. side_from: the least share
    that one side has in the probability of both; below it the side is not known.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    offset: float
    head: float
    outline: float
    seen: float
    name_from: float = Field(default=0.2, ge=0, le=1)
    second_from: float = Field(default=0.5, ge=0, le=1)
    side_from: float = Field(default=0.6, ge=0.5, le=1)


class SeenCalibration(BaseModel):
    """How likely the photo shows a place.

    The logit is offset + head * logit(what the photo as a whole says) + outline * (score of the part with an outline).
    list_from: the least probability of a place that is listed as seen.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    offset: float
    head: float
    outline: float
    list_from: float = Field(default=0.5, ge=0, le=1)
