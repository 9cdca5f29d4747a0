"""Presence: is a class on the photo, and was it reported there? And is the car damaged at all?

These are the figures that incomplete outlines harm least: one scratch drawn of three still says "scratched".
"""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.photos import JudgedPhoto, undamaged
from crumple.evaluate.judged.regions import reported
from crumple.evaluate.measures.pixels import ANY
from crumple.taxonomy import DAMAGE_BRANCH

FALSE_ALARM_RATES = (0.05, 0.01)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassPresence(_Record):
    """One class over all photos.

    present: photos that show it. reported: those of them on which it was reported. recall: the share of that.
    absent: photos that do not show it. alarmed: those of them on which it was reported all the same. false_alarms: the
    share of that. A share of no photos is None.
    """

    name: str
    present: int
    reported: int
    recall: float | None
    absent: int
    alarmed: int
    false_alarms: float | None


class PresenceReport(_Record):
    """Presence in one branch at an operating point. anything: any class of it, such as "any damage"."""

    photos: int
    anything: ClassPresence
    classes: tuple[ClassPresence, ...]


class AtFalseAlarms(_Record):
    """How many damaged photos are noticed when few undamaged ones may be.

    wanted: the share of undamaged photos that may alarm. above: a photo alarms when its best damage score is higher
    than this; it is the lowest such limit. false_alarms: the share that then really does, which is lower where the
    photos are too few for the wanted one. recall: the share of damaged photos that alarm.
    """

    wanted: float
    above: float
    false_alarms: float
    recall: float


class DamageAnywhere(_Record):
    """Damage anywhere on the photo, wherever and of whichever type: damaged against undamaged photos.

    damaged, undamaged: photos of each kind; those that are neither drawn on nor known to be undamaged, and sets that
    are judged apart, are left out.
    auc: how often a damaged photo's best score is above an undamaged one's; ties count half. at: recall at stated
    false-alarm rates, one limit for all classes; empty without photos of both kinds. recall, false_alarms: the shares
    of damaged and of undamaged photos with a finding at the operating point, each class having its own limit. None
    without photos of a kind that is needed.

    Where the undamaged photos come from another source than the damaged ones, the source may be what is told apart.
    """

    damaged: int
    undamaged: int
    auc: float | None
    at: tuple[AtFalseAlarms, ...]
    recall: float | None
    false_alarms: float | None


def presence(
    photos: Sequence[JudgedPhoto], branch: str, classes: Sequence[str], lowest: Mapping[str, float]
) -> PresenceReport:
    """Presence of the classes on every photo whose truth of `branch` is known, undamaged ones included for "damage".

    A crowd says that its class is there. Where on the photo a finding lies does not matter.

    Args:
        lowest: by label, the lowest score that counts; a label that is missing has 0.
    """
    known = [photo for photo in photos if branch in photo.drawn]
    drawn = [{region.label for region in photo.drawn[branch]} for photo in known]
    found = [{region.label for region in reported(photo.regions(branch).found, lowest)} for photo in known]
    rows = tuple(
        _row(name, [name in labels for labels in drawn], [name in labels for labels in found]) for name in classes
    )
    anything = _row(ANY, [bool(labels) for labels in drawn], [bool(labels) for labels in found])
    return PresenceReport(photos=len(known), anything=anything, classes=rows)


def damage_scores(photos: Sequence[JudgedPhoto]) -> tuple[np.ndarray, np.ndarray]:
    """Best damage score of each damaged photo (P,) and of each undamaged one (U,); 0 where nothing was found."""
    return _best(_damaged(photos)), _best(undamaged(photos))


def damage_anywhere(photos: Sequence[JudgedPhoto], lowest: Mapping[str, float]) -> DamageAnywhere:
    """Tell damaged photos (with a drawn damage) from undamaged ones.

    Args:
        lowest: by damage type, the lowest score that is reported; a type that is missing has 0.
    """
    damaged, clean = damage_scores(photos)
    both = len(damaged) > 0 and len(clean) > 0
    return DamageAnywhere(
        damaged=len(damaged),
        undamaged=len(clean),
        auc=auc(damaged, clean),
        at=tuple(_at(damaged, clean, rate) for rate in FALSE_ALARM_RATES) if both else (),
        recall=_share(_alarms(_damaged(photos), lowest)),
        false_alarms=_share(_alarms(undamaged(photos), lowest)),
    )


def auc(damaged: np.ndarray, clean: np.ndarray) -> float | None:
    """Area under the ROC curve: the chance that a score of `damaged` (P,) is above one of `clean` (U,), ties half."""
    if not len(damaged) or not len(clean):
        return None
    ascending = np.sort(clean)
    below, not_above = (np.searchsorted(ascending, damaged, side) for side in ("left", "right"))
    return float((below + not_above).sum() / (2 * len(damaged) * len(clean)))


def _at(damaged: np.ndarray, clean: np.ndarray, rate: float) -> AtFalseAlarms:
    allowed = int(np.floor(rate * len(clean) + 1e-9))  # 0.29 * 100 is a little less than 29
    # The first peak that may no longer alarm is the limit; if all may, so does any finding.
    above = float(np.sort(clean)[::-1][allowed]) if allowed < len(clean) else 0.0
    return AtFalseAlarms(
        wanted=rate, above=above, false_alarms=float((clean > above).mean()), recall=float((damaged > above).mean())
    )


def _damaged(photos: Sequence[JudgedPhoto]) -> list[JudgedPhoto]:
    """With a drawn damage; sets that are judged apart are left out."""
    pooled = [photo for photo in photos if DAMAGE_BRANCH not in photo.truth.apart]
    return [photo for photo in pooled if photo.drawn.get(DAMAGE_BRANCH) and DAMAGE_BRANCH in photo.found]


def _best(photos: Sequence[JudgedPhoto]) -> np.ndarray:
    return np.array([max((r.score for r in photo.found[DAMAGE_BRANCH]), default=0.0) for photo in photos], float)


def _alarms(photos: Sequence[JudgedPhoto], lowest: Mapping[str, float]) -> list[bool]:
    return [bool(reported(photo.found[DAMAGE_BRANCH], lowest)) for photo in photos]


def _row(name: str, drawn: Sequence[bool], found: Sequence[bool]) -> ClassPresence:
    there = [was for is_there, was in zip(drawn, found, strict=True) if is_there]
    elsewhere = [was for is_there, was in zip(drawn, found, strict=True) if not is_there]
    return ClassPresence(
        name=name,
        present=len(there),
        reported=sum(there),
        recall=_share(there),
        absent=len(elsewhere),
        alarmed=sum(elsewhere),
        false_alarms=_share(elsewhere),
    )


def _share(hits: Sequence[bool]) -> float | None:
    return sum(hits) / len(hits) if hits else None
