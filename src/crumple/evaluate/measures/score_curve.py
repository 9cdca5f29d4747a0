"""Score curves: what becomes of one class's precision and recall as the lowest score that counts goes down.

Matching is by mask at IoU 0.5; D detections of the class, R = 101 recalls 0.00, 0.01 ... 1.00.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.matching import CROWD, NO_PARTNER, match_photo
from crumple.evaluate.measures.weighted_ap import RECALLS

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


def match_scores(photos: Sequence[PhotoRegions], label: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Every detection of a class in descending order of score, and whether it is right.

    Greedy by score within each photo, each drawn object matched once (COCO's rule at one IoU). Detections on crowds
    count for nothing.

    Returns: scores (N,), right (N,) bool, and the number of drawn objects.
    """
    scores, right, objects = [], [], 0
    for photo in photos:
        drawn, found = (tuple(r for r in side if r.label == label) for side in (photo.drawn, photo.found))
        match = match_photo(PhotoRegions(photo.width, photo.height, drawn, found), {})
        objects += sum(not region.crowd for region in drawn)
        for region, partner in zip(match.found, match.partner, strict=True):
            if partner != CROWD:
                scores.append(region.score)
                right.append(partner != NO_PARTNER)
    descending = np.argsort(-np.array(scores, float), kind="stable")
    return np.array(scores, float)[descending], np.array(right, bool)[descending], objects


def score_steps(scores: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each lowest score lets in, of (N,) descending scores: equal ones come in together, as one step.

    Returns, (M,) each: the scores, and how many detections with that score or more are right, and are there at all.
    """
    ends = np.flatnonzero(np.diff(scores, append=-1.0))
    return scores[ends], np.cumsum(right)[ends], ends + 1


def best_step(hits: np.ndarray, counts: np.ndarray, objects: int) -> int:
    """Position of the step with the best F1, 2 right / (found + drawn). Arguments as `score_steps` returns them."""
    return int(np.argmax(2 * hits / (counts + objects)))


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
