"""Calibration: is a score a probability, and which probability is it?

D detections of one branch, K classes. A detection is right when it is matched by mask at IoU 0.5 (see `matching`).

The calibrated probability is that of a logistic curve over the score's logit: a slope and an offset of the branch, and
a small offset of each class, held near 0 where the class has few detections. Source: Platt, "Probabilistic outputs for
support vector machines", 1999; over the logit, it can leave a score as it is (slope 1, offset 0).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.detect.logits import logit
from crumple.detect.model_info import Calibration
from crumple.evaluate.measures.bootstrap import claim_numbers
from crumple.evaluate.measures.logistic import claim_folds, fit
from crumple.evaluate.measures.matching import CROWD, PhotoMatch

BINS = 10
MIN_SCORE = 0.1  # nothing below is ever reported (`thresholds.LOWEST`), and it would outnumber all else
# Standard deviations of the prior, around a score that is the probability. 0.5 for a class: its odds are 1.6 times the
# branch's or the 1.6th part, unless some twenty detections say otherwise.
_SLOPE_SD, _OFFSET_SD, _CLASS_SD = 2.0, 2.0, 0.5


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReliabilityBin(_Record):
    """Detections of similar score: the mean of what they promise, and the share of them that is right."""

    score: float
    right: float
    count: int


class Reliability(_Record):
    """The reliability curve, in up to 10 bins of equal count, and its expected calibration error.

    ece: the mean over all detections of |bin's mean score - bin's share right|; None without detections. Source: Guo et
        al., "On Calibration of Modern Neural Networks", 2017, equation 5, with bins of equal count as in Nixon et al.,
        "Measuring Calibration in Deep Learning", 2019. Of D detections whose scores are perfect
        probabilities it is still about sqrt(10 / D) / 3, by chance.
    """

    ece: float | None
    bins: tuple[ReliabilityBin, ...]


class CalibrationCheck(_Record):
    """Some detections' scores against what became of them, as they are and calibrated.

    after: of the probabilities that each fold of claims gets from a calibration fitted on the others; None where there
        is only one claim.
    shipped: of the probabilities that the model's own calibration gives; None where it has none. On the photos that it
        was fitted on it flatters.
    """

    detections: int
    before: Reliability
    after: Reliability | None
    shipped: Reliability | None


class CalibrationReport(CalibrationCheck):
    """How far the scores of one branch are probabilities; of all detections with a score of 0.1 or more.

    reported: the same of those that are reported, a small part of them; None where no lowest scores were given.
    parameters: fitted on all, for the model; None without detections.
    """

    reported: CalibrationCheck | None
    parameters: Calibration | None


@dataclass(frozen=True, eq=False)
class _Scored:
    """scores (D,), label (D,) int index into the classes, right (D,) bool, claim (D,) int."""

    scores: np.ndarray
    label: np.ndarray
    right: np.ndarray
    claim: np.ndarray

    def part(self, chosen: np.ndarray) -> "_Scored":
        return _Scored(self.scores[chosen], self.label[chosen], self.right[chosen], self.claim[chosen])


def calibrate(
    matches: Sequence[PhotoMatch],
    groups: Sequence[str | None],
    classes: Sequence[str],
    lowest: Mapping[str, float] | None = None,
    shipped: Calibration | None = None,
    seed: int = 0,
) -> CalibrationReport:
    """Judge the scores of one branch, and find the parameters that make them probabilities on these photos.

    Args:
        matches: of the photos that are labelled for the branch, with all that was found on them.
        groups: the claim of each photo; None: a claim of its own. The photos of a claim are in one fold.
        lowest: by class, the lowest score that is reported; a class that is missing has 0. None: not known.
        shipped: the calibration that the model brings; None: it has none.
    """
    scored = _scored(matches, groups, classes)
    after = np.full(len(scored.scores), np.nan)
    folds = claim_folds(scored.claim, seed)
    for out in folds:
        after[out] = _probabilities(_fit(scored.part(~out), classes), scored.part(out), classes)

    own = _probabilities(shipped, scored, classes) if shipped else None

    def check(chosen: np.ndarray) -> dict[str, Any]:
        return {
            "detections": int(chosen.sum()),
            "before": reliability(scored.scores[chosen], scored.right[chosen]),
            "after": reliability(after[chosen], scored.right[chosen]) if folds else None,
            "shipped": reliability(own[chosen], scored.right[chosen]) if own is not None else None,
        }

    limits = np.array([(lowest or {}).get(label, 0.0) for label in classes])
    return CalibrationReport(
        **check(np.ones(len(scored.scores), bool)),
        reported=None if lowest is None else CalibrationCheck(**check(scored.scores >= limits[scored.label])),
        parameters=_fit(scored, classes) if len(scored.scores) else None,
    )


def reliability(scores: np.ndarray, right: np.ndarray) -> Reliability:
    """The curve of (D,) scores, or probabilities, against whether each detection is right."""
    order = np.argsort(scores, kind="stable")
    parts = np.array_split(order, min(BINS, len(order))) if len(order) else []
    bins = tuple(
        ReliabilityBin(score=float(scores[part].mean()), right=float(right[part].mean()), count=len(part))
        for part in parts
    )
    ece = sum(b.count * abs(b.score - b.right) for b in bins) / len(scores) if bins else None
    return Reliability(ece=ece, bins=bins)


def _scored(matches: Sequence[PhotoMatch], groups: Sequence[str | None], classes: Sequence[str]) -> _Scored:
    index = {label: k for k, label in enumerate(classes)}
    claims = claim_numbers(groups)
    rows = [
        (region.score, index[region.label], partner >= 0, claim)
        for match, claim in zip(matches, claims, strict=True)
        for region, partner in zip(match.found, match.partner, strict=True)
        if partner != CROWD and region.score >= MIN_SCORE
    ]
    scores, label, right, claim = np.array(rows, float).reshape(-1, 4).T
    return _Scored(scores, label.astype(int), right.astype(bool), claim.astype(int))


def _probabilities(calibration: Calibration, scored: _Scored, classes: Sequence[str]) -> np.ndarray:
    pairs = zip(scored.scores, scored.label, strict=True)
    return np.array([calibration.probability(classes[label], score) for score, label in pairs])


def _fit(scored: _Scored, classes: Sequence[str]) -> Calibration:
    """The parameters with the highest posterior."""
    features = np.zeros((len(scored.scores), 2 + len(classes)))
    features[:, 0] = logit(scored.scores)
    features[:, 1] = 1
    features[np.arange(len(features)), 2 + scored.label] = 1
    centre = np.array([1.0, 0.0] + [0.0] * len(classes))
    sd = np.array([_SLOPE_SD, _OFFSET_SD] + [_CLASS_SD] * len(classes))
    slope, offset, *of_class = fit(features, scored.right, centre, sd).round(6).tolist()
    return Calibration(slope=slope, offset=offset, classes=dict(zip(classes, of_class, strict=True)))
