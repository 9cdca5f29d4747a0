"""The fit of `Rescoring`: how much the second opinion on a damage counts beside the detector's own score.

R rows: the damages found on N photos.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crumple.detect.logits import logit
from crumple.detect.rescoring import Rescoring, rescored
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.measures.logistic import fit
from crumple.evaluate.measures.meeting import MEETS, meet
from crumple.taxonomy import DAMAGE_BRANCH

_SD = 2.0  # of the prior of score and second opinion
_CLASS_SD = 0.7  # and of a damage type's own odds: a rare one says little of itself


def fit_rescoring(photos: Sequence[JudgedPhoto], classes: Sequence[str]) -> Rescoring | None:
    """Fit it on N photos whose damages have the network's own scores. None where the network has no second opinion.

    A damage is right where it meets a drawn one of its class (mask IoU 0.1). On undamaged photos none is. Sets that are
    judged apart choose nothing.

    Args:
        classes: the damage types.
    """
    features, right = [], []
    for photo in photos:
        if photo.parts is None or DAMAGE_BRANCH not in photo.drawn or DAMAGE_BRANCH in photo.truth.apart:
            continue
        meeting = meet(photo.regions(DAMAGE_BRANCH), {})
        met = (meeting.same & meeting.solid & (meeting.iou >= MEETS)).any(axis=1)
        for region, is_right in zip(meeting.found, met, strict=True):
            own = [float(region.label == label) for label in classes]
            features.append([1.0, float(logit(region.score)), float(logit(region.real)), *own])
            right.append(bool(is_right))
    if not any(right) or all(right):
        return None
    centre = np.array([0.0, 1.0, 0.0] + [0.0] * len(classes))
    sd = np.array([_SD] * 3 + [_CLASS_SD] * len(classes))
    offset, score, real, *own = fit(np.array(features), np.array(right), centre, sd).round(6).tolist()
    return Rescoring(offset=offset, score=score, real=real, classes=dict(zip(classes, own, strict=True)))


def with_rescoring(photos: Sequence[JudgedPhoto], rescoring: Rescoring) -> list[JudgedPhoto]:
    """The photos as the same model finds them with `rescoring`; their damages must have the network's own scores."""
    return [replace(photo, found=photo.found | _rescored(photo, rescoring)) for photo in photos]


def _rescored(photo: JudgedPhoto, rescoring: Rescoring) -> dict[str, tuple]:
    found = photo.found.get(DAMAGE_BRANCH)
    if not found or photo.parts is None:
        return {}
    scores = rescored(
        np.array([region.score for region in found]),
        np.array([region.real for region in found]),
        [region.label for region in found],
        rescoring,
    )
    order = np.argsort(-scores, kind="stable")
    return {DAMAGE_BRANCH: tuple(replace(found[i], score=float(scores[i])) for i in order)}
