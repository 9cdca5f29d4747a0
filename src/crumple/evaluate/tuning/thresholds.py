"""The choice of thresholds: from which score on a detection of a class is worth reporting.

Chosen on labelled photos, by matching masks at IoU 0.5; those of damage are held back by photos that show none
(`holding_back`).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.judged.photos import JudgedPhoto, labelled_for, undamaged
from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.score_curve import best_step, match_scores, score_steps
from crumple.evaluate.tuning.holding_back import best_meeting, hold_back
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH

Thresholds = dict[str, dict[str, ClassThresholds]]  # by branch and class

UPPER_PRECISION = 0.75
BEST_F1_PRECISION = 1 / 3  # the best F1 may lie lower, where most of what is said is wrong
# A damage that is not shown costs more than a look at a suspicion; and as damage is drawn incompletely, more are right.
DAMAGE_PRECISION = 1 / 4
DAMAGE_LOWEST = 0.35  # no damage threshold below, however few detections of a rare class say otherwise
# The same of scores with a second opinion, which are about as high as the share of findings that meet such a damage.
RESCORED_LOWEST = 0.4
CONTEXT = 0.5  # no threshold above for parts: a damage on an unsure part says more than one on none
LOWEST = 0.1  # no threshold below: too few detections there to tell
NEVER = 0.99  # where no score reaches the wanted precision


def class_thresholds(
    scores: np.ndarray, right: np.ndarray, objects: int, lower_precision: float | None = None
) -> ClassThresholds:
    """`lower`: the lowest score down to which the share `lower_precision` is right; None: the score with the
    best F1, or the lowest above it where one in three is right. `upper`: the lowest from there on with a precision
    of 0.75.

    Each lies halfway to the next detection that is left out, or at LOWEST where none is: a class whose detections are
    all right, however high their scores, has nothing to be held back from.

    Arguments as `match_scores` returns them. Without objects or detections there is nothing to go by: the defaults.
    """
    usable = scores >= LOWEST
    steps, hits, counts = score_steps(scores[usable], right[usable])
    if not objects or not len(steps):
        return ClassThresholds()
    last = len(steps) - 1 if lower_precision else best_step(hits, counts, objects)
    precision = hits / counts

    def lowest(wanted: float, last: int) -> float:
        enough = np.flatnonzero(precision[: last + 1] >= wanted)
        if not len(enough):
            return NEVER
        below = enough[-1] + 1
        return float((steps[below - 1] + steps[below]) / 2) if below < len(steps) else LOWEST

    return limits(lowest(lower_precision or BEST_F1_PRECISION, last), lowest(UPPER_PRECISION, len(steps) - 1))


def limits(lower: float, upper: float) -> ClassThresholds:
    """Both, to the four decimals that reports have."""
    down = (np.floor(np.round(min(score, 1.0) * 10_000, 3)) / 10_000 for score in (lower, upper))
    lower, upper = map(float, down)
    return ClassThresholds(lower=lower, upper=max(upper, lower))


def choose_thresholds(
    photos: Sequence[JudgedPhoto], branches: Mapping[str, Sequence[str]], *, rescored: bool = False
) -> Thresholds:
    """Thresholds by branch and class, as model.json carries them, from photos with all that was found on them.

    Sets that are judged apart choose nothing.

    Args:
        branches: the model's classes by branch; one that no photo is labelled for gets no thresholds.
        rescored: scores of damage have a second opinion. Then they say by themselves how many findings are right, and
            only the clean photos hold them back.
    """
    chosen = {}
    for branch, classes in branches.items():
        regions = [photo.regions(branch) for photo in labelled_for(photos, branch)]
        if regions:
            share = DAMAGE_PRECISION if branch == DAMAGE_BRANCH else None
            chosen[branch] = {label: class_thresholds(*match_scores(regions, label), share) for label in classes}
    if PARTS_BRANCH in chosen:
        chosen[PARTS_BRANCH] = {
            label: limits(min(t.lower, CONTEXT), t.upper) for label, t in chosen[PARTS_BRANCH].items()
        }
    if DAMAGE_BRANCH in chosen:
        precise = {
            label: RESCORED_LOWEST if rescored else max(t.lower, DAMAGE_LOWEST)
            for label, t in chosen[DAMAGE_BRANCH].items()
        }
        met = best_meeting([photo.regions(DAMAGE_BRANCH) for photo in labelled_for(photos, DAMAGE_BRANCH)])
        quiet = hold_back(precise, met, _clean_sets(photos))
        chosen[DAMAGE_BRANCH] = {
            label: limits(quiet[label], max(t.upper, quiet[label])) for label, t in chosen[DAMAGE_BRANCH].items()
        }
    return chosen


def _clean_sets(photos: Sequence[JudgedPhoto]) -> dict[str, list[PhotoRegions]]:
    """The undamaged photos, by the set that they are from."""
    sets: dict[str, list[PhotoRegions]] = {}
    for photo in undamaged(photos):
        sets.setdefault(photo.truth.source, []).append(photo.regions(DAMAGE_BRANCH))
    return sets
