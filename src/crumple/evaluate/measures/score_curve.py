"""Score curves: what becomes of one class's precision and recall as the lowest score that counts goes down.

Matching is by mask at IoU 0.5; D detections of the class, R = 101 recalls 0.00, 0.01 ... 1.00.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.regions import PhotoRegions
from crumple.evaluate.thresholds import best_step, match_scores, score_steps
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
    steps, hits, counts = score_steps(scores, right)
    precision, recall = hits / counts, hits / objects
    shown = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), MAX_POINTS)).round().astype(int))
    return ScoreCurve(
        objects=objects,
        detections=len(scores),
        best=_best(steps, hits, counts, objects) if len(steps) else None,
        interpolated=_interpolated(right, objects),
        scores=_plain(steps[shown]),
        precisions=_plain(precision[shown]),
        recalls=_plain(recall[shown]),
    )


def _best(scores: np.ndarray, hits: np.ndarray, counts: np.ndarray, objects: int) -> BestF1:
    i = best_step(hits, counts, objects)
    score, right, found = float(scores[i]), int(hits[i]), int(counts[i])
    return BestF1(score=score, precision=right / found, recall=right / objects, f1=2 * right / (found + objects))


def _interpolated(right: np.ndarray, objects: int) -> tuple[float, ...]:
    """Detection by detection, as pycocotools goes: it does not wait for equal scores."""
    hits = np.cumsum(right)
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / objects
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return tuple(envelope[np.searchsorted(recall, RECALLS, side="left")].tolist())


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(values.round(_DECIMALS).tolist())
