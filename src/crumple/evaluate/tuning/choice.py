"""The whole choice of `--set-thresholds` on labelled photos, each part of which the files beside this one make.

How much the second opinion on damage counts, from which scores on to report, and how photos are read for places.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crumple.detect.model_info import ClassThresholds, ModelInfo
from crumple.detect.rescoring import Rescoring
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.readings import Calibrations
from crumple.evaluate.measures.bootstrap import claim_numbers
from crumple.evaluate.measures.logistic import claim_folds
from crumple.evaluate.tuning.place_choice import choose_calibrations
from crumple.evaluate.tuning.second_opinion import fit_rescoring, with_rescoring
from crumple.evaluate.tuning.thresholds import Thresholds, choose_thresholds
from crumple.taxonomy import DAMAGE_BRANCH


@dataclass(frozen=True, eq=False)
class Choice:
    """rescoring, thresholds, calibrations: for the model. photos: those of the choice, with the scores that rescoring
    gives. held_out: what each of them is judged with, from fits on other claims. held_out_alarms: (N,) bool, whether
    damage would be reported on each with thresholds chosen on other claims (5 folds).
    """

    rescoring: Rescoring | None
    photos: tuple[JudgedPhoto, ...]
    thresholds: Thresholds
    calibrations: Calibrations
    held_out: tuple[Calibrations, ...]
    held_out_alarms: np.ndarray


def choose(photos: Sequence[JudgedPhoto], info: ModelInfo) -> Choice:
    """Choose on N photos whose damages have the network's own scores.

    The second opinion comes first, for thresholds are of the scores that it gives; then these, for only what is
    reported is read for places.
    """
    rescoring = None
    if info.places:
        rescoring = fit_rescoring(photos, info.branch(DAMAGE_BRANCH).classes)
    if rescoring:
        photos = with_rescoring(photos, rescoring)
    classes = {branch.name: branch.classes for branch in info.branches}
    thresholds = choose_thresholds(photos, classes, rescored=rescoring is not None)
    lowest = {
        branch.name: {
            label: (thresholds.get(branch.name, {}).get(label) or ClassThresholds()).lower for label in branch.classes
        }
        for branch in info.branches
    }
    return Choice(
        rescoring,
        tuple(photos),
        thresholds,
        *choose_calibrations(photos, lowest),
        held_out_alarms=_held_out_alarms(photos, info, rescored=rescoring is not None),
    )


def _held_out_alarms(photos: Sequence[JudgedPhoto], info: ModelInfo, *, rescored: bool) -> np.ndarray:
    """See `Choice`. A photo that is alone of its kind is judged by what the others give, if only the defaults."""
    alarms = np.zeros(len(photos), bool)
    damage = {branch.name: branch.classes for branch in info.branches if branch.name == DAMAGE_BRANCH}
    for out in claim_folds(claim_numbers([photo.truth.group for photo in photos])):
        others = [photo for photo, is_out in zip(photos, out, strict=True) if not is_out]
        chosen = choose_thresholds(others, damage, rescored=rescored).get(DAMAGE_BRANCH, {})
        for i in np.flatnonzero(out).tolist():
            alarms[i] = any(
                region.score >= (chosen.get(region.label) or ClassThresholds()).lower
                for region in photos[i].found.get(DAMAGE_BRANCH, ())
            )
    return alarms
