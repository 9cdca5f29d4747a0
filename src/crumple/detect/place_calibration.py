"""How the evidence for a place becomes a probability, and from which probability it is told: data of a model.

Both are logistic curves, 1 / (1 + exp(-logit)), over evidence that is 0 where there is none.
"""

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from crumple.detect.logits import logistic


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

    def probability(self, evidence: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(...) from evidence (..., 3), see `PlaceEvidence.features`."""
        return logistic(self.offset + evidence @ np.array([self.head, self.outline, self.seen]))


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

    def probability(self, evidence: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """(...) from evidence (..., 2), see `seen_evidence`."""
        return logistic(self.offset + evidence @ np.array([self.head, self.outline]))
