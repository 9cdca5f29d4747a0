"""Score curves: what becomes of one class's precision and recall as the lowest score that counts goes down.

Matching is by mask at IoU 0.5; D detections of the class, R = 101 recalls 0.00, 0.01 ... 1.00.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.regions import PhotoRegions
from crumple.evaluate.thresholds import match_scores
from crumple.evaluate.weighted_ap import RECALLS

MAX_POINTS = 200
_DECIMALS = 4  # of the points, which are for plotting


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BestF1(_Record):
    """The lowest score to report for the best F1, and what comes of it on the photos it was chosen on: a bit rosy."""

    score: float
    precision: float
    recall: float
    f1: float


class ScoreCurve(_Record):
    """One class at every lowest score.

    objects: drawn, crowds left out. detections: found, those on crowds left out.
    best: None when nothing is drawn or nothing found.
    interpolated: the R precisions whose mean is AP50: at each recall the best precision with that recall or more, 0
        where it is never reached. None when nothing is drawn.
    scores, precisions, recalls: at most 200 points of the curve as it is, highest score first; empty when nothing is
        drawn.
    """

    objects: int
    detections: int
    best: BestF1 | None
    interpolated: tuple[float, ...] | None
    scores: tuple[float, ...]
    precisions: tuple[float, ...]
    recalls: tuple[float, ...]


def score_curve(photos: Sequence[PhotoRegions], label: str) -> ScoreCurve:
    """The curve of one class from all its detections. Interpolation as in `COCOeval.accumulate`."""
    scores, right, objects = match_scores(photos, label)
    if not objects:
        return ScoreCurve(
            objects=0, detections=len(scores), best=None, interpolated=None, scores=(), precisions=(), recalls=()
        )
    hits, counts = np.cumsum(right), np.arange(1, len(scores) + 1)
    precision, recall = hits / counts, hits / objects
    # A lowest score lets in all detections that have it, so only the last of equal ones is a point.
    ends = np.flatnonzero(np.diff(scores, append=-1.0))
    shown = ends[np.unique(np.linspace(0, len(ends) - 1, min(len(ends), MAX_POINTS)).round().astype(int))]
    return ScoreCurve(
        objects=objects,
        detections=len(scores),
        best=_best(scores[ends], precision[ends], recall[ends]) if len(ends) else None,
        interpolated=_interpolated(precision, recall),
        scores=_plain(scores[shown]),
        precisions=_plain(precision[shown]),
        recalls=_plain(recall[shown]),
    )


def _best(scores: np.ndarray, precision: np.ndarray, recall: np.ndarray) -> BestF1:
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    i = int(np.argmax(f1))
    return BestF1(score=float(scores[i]), precision=float(precision[i]), recall=float(recall[i]), f1=float(f1[i]))


def _interpolated(precision: np.ndarray, recall: np.ndarray) -> tuple[float, ...]:
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return tuple(envelope[np.searchsorted(recall, RECALLS, side="left")].tolist())


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.round(_DECIMALS).tolist())
