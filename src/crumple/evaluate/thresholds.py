"""Operating points: from which score on a detection of a class is worth reporting.

Chosen on labelled photos, by matching masks at IoU 0.5, and held back by photos that show no damage at all.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.judged import JudgedPhoto, labelled_for, undamaged
from crumple.evaluate.matching import CROWD, NO_PARTNER, match_photo
from crumple.evaluate.regions import PhotoRegions
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH

CONFIRMED_PRECISION = 0.75
BEST_F1_PRECISION = 1 / 3  # the best F1 may lie lower, where most of what is said is wrong
# A damage that is not shown costs more than a look at a suspicion; and as damage is drawn incompletely, more are right.
DAMAGE_PRECISION = 1 / 4
DAMAGE_LOWEST = 0.35  # no damage threshold below, however few detections of a rare class say otherwise
CONTEXT = 0.5  # no threshold above for parts: a damage on an unsure part says more than one on none
MAX_ALARMED = 0.05  # share of undamaged photos with any finding at the lower threshold
LOWEST = 0.1  # no threshold below: too few detections there to tell
NEVER = 0.99  # where no score reaches the wanted precision


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


def class_thresholds(
    scores: np.ndarray, right: np.ndarray, objects: int, suspected_precision: float | None = None
) -> ClassThresholds:
    """`suspected`: the lowest score down to which the share `suspected_precision` is right; None: the score with the
    best F1, or the lowest above it where one in three is right. `confirmed`: the lowest from there on with a precision
    of 0.75.

    Arguments as `match_scores` returns them. Without objects or detections there is nothing to go by: the defaults.
    """
    usable = scores >= LOWEST
    steps, hits, counts = score_steps(scores[usable], right[usable])
    if not objects or not len(steps):
        return ClassThresholds()
    last = len(steps) - 1 if suspected_precision else best_step(hits, counts, objects)
    precision = hits / counts

    def lowest(wanted: float) -> float:
        enough = np.flatnonzero(precision[: last + 1] >= wanted)
        return float(steps[enough[-1]]) if len(enough) else NEVER

    return _thresholds(lowest(suspected_precision or BEST_F1_PRECISION), lowest(CONFIRMED_PRECISION))


def _thresholds(suspected: float, confirmed: float) -> ClassThresholds:
    suspected, confirmed = (float(np.floor(min(score, 1.0) * 1000) / 1000) for score in (suspected, confirmed))
    return ClassThresholds(suspected=suspected, confirmed=max(confirmed, suspected))


def alarm_floor(undamaged: Sequence[PhotoRegions], thresholds: dict[str, ClassThresholds]) -> float:
    """The lowest common floor under all classes' thresholds that leaves at most 5 % of the photos with a finding."""
    peaks = [
        max((r.score for r in photo.found if r.score >= thresholds[r.label].suspected), default=0.0)
        for photo in undamaged
    ]
    allowed = int(MAX_ALARMED * len(peaks))
    alarming = sorted(peaks, reverse=True)[allowed:]
    # Just above the first peak that may no longer alarm.
    return float(alarming[0]) + 2e-3 if alarming and alarming[0] > 0 else 0.0


def choose_thresholds(
    photos: Sequence[JudgedPhoto], branches: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, ClassThresholds]]:
    """Thresholds by branch and class, as model.json carries them, from photos with all that was found on them.

    Args:
        branches: the model's classes by branch; one that no photo is labelled for gets no thresholds.
    """
    chosen = {}
    for branch, classes in branches.items():
        regions = [photo.regions(branch) for photo in labelled_for(photos, branch)]
        if regions:
            share = DAMAGE_PRECISION if branch == DAMAGE_BRANCH else None
            chosen[branch] = {label: class_thresholds(*match_scores(regions, label), share) for label in classes}
    if PARTS_BRANCH in chosen:
        chosen[PARTS_BRANCH] = {
            label: _thresholds(min(t.suspected, CONTEXT), t.confirmed) for label, t in chosen[PARTS_BRANCH].items()
        }
    if DAMAGE_BRANCH in chosen:
        clean = [photo.regions(DAMAGE_BRANCH) for photo in undamaged(photos)]
        floor = max(alarm_floor(clean, chosen[DAMAGE_BRANCH]), DAMAGE_LOWEST)
        chosen[DAMAGE_BRANCH] = {
            label: _thresholds(max(t.suspected, floor), max(t.confirmed, floor))
            for label, t in chosen[DAMAGE_BRANCH].items()
        }
    return chosen
