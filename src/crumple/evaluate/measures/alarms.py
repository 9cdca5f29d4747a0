"""Alarms: on how many photos of each set damage is reported, and what is reported on cars that have none.

`photo_shares` has the same shares of all sets together, on every resample. N photos, S resamples.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.judged.photos import JudgedPhoto, undamaged
from crumple.evaluate.judged.regions import Region, reported
from crumple.evaluate.measures.bootstrap import Share, share
from crumple.taxonomy import DAMAGE_BRANCH


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassAlarms(_Record):
    """False alarms of one damage type: how many, on how many photos."""

    name: str
    findings: int
    photos: int


class Alarms(_Record):
    """False alarms from one of the two thresholds of each class.

    findings: all of them. per_photo: their number per undamaged photo. share: of undamaged photos with at least one.
    alarmed: those photos as "set/file", the highest score first. classes: by damage type, in the order given.
    """

    findings: int
    per_photo: float
    share: float
    alarmed: tuple[str, ...]
    classes: tuple[ClassAlarms, ...]


class CleanCarAlarms(_Record):
    """photos: undamaged ones. lower: from the lower thresholds on, which is all that a user sees. upper: from the upper
    thresholds on.
    """

    photos: int
    lower: Alarms
    upper: Alarms


class SetAlarms(_Record):
    """One set. undamaged: its photos are known to show no damage, so that each with a finding is a false alarm; else
    its photos with a drawn damage are meant. held_out: what `alarmed` would be, had the thresholds been chosen on other
    photos of these sets; None where they were not chosen on these.
    """

    set: str
    undamaged: bool
    alarmed: Share
    held_out: Share | None


def set_alarms(
    photos: Sequence[JudgedPhoto], weights: np.ndarray, held_out: np.ndarray | None = None
) -> tuple[SetAlarms, ...]:
    """Of every set the share of photos with any reported damage, undamaged sets first.

    Args:
        photos: N photos with what is reported of them. weights: (S, N), see `bootstrap.resamples`.
        held_out: (N,) bool, see `Choice.held_out_alarms`.
    """
    loud = np.array([bool(photo.found.get(DAMAGE_BRANCH)) for photo in photos], bool)
    sets: dict[tuple[str, bool], list[int]] = {}
    for at, photo in enumerate(photos):
        if DAMAGE_BRANCH in photo.found and (photo.truth.undamaged or photo.drawn.get(DAMAGE_BRANCH)):
            sets.setdefault((photo.truth.source, photo.truth.undamaged), []).append(at)

    def figure(hits: np.ndarray, at: list[int]) -> Share:
        return share(hits[at].astype(float), np.ones(len(at)), weights[:, at])

    return tuple(
        SetAlarms(
            set=name,
            undamaged=clean,
            alarmed=figure(loud, at),
            held_out=None if held_out is None else figure(held_out, at),
        )
        for (name, clean), at in sorted(sets.items(), key=lambda item: not item[0][1])
    )


def clean_car_alarms(
    photos: Sequence[JudgedPhoto], classes: Sequence[str], thresholds: Mapping[str, ClassThresholds]
) -> CleanCarAlarms | None:
    """What is reported on the photos known to show no damage; None when there is no such photo.

    Args:
        classes: the damage types.
        thresholds: by damage type; one that is missing has `ClassThresholds`' defaults, as in an assessment.
    """
    clean = undamaged(photos)
    if not clean:
        return None
    full = {name: thresholds.get(name) or ClassThresholds() for name in classes}
    return CleanCarAlarms(
        photos=len(clean),
        lower=_alarms(clean, classes, {name: both.lower for name, both in full.items()}),
        upper=_alarms(clean, classes, {name: both.upper for name, both in full.items()}),
    )


def _alarms(photos: Sequence[JudgedPhoto], classes: Sequence[str], lowest: Mapping[str, float]) -> Alarms:
    found: list[tuple[str, list[Region]]] = []
    for photo in photos:
        regions = reported(photo.found[DAMAGE_BRANCH], lowest)
        if regions:
            found.append((photo.name, regions))
    found.sort(key=lambda item: -item[1][0].score)
    findings = sum(len(regions) for _, regions in found)
    return Alarms(
        findings=findings,
        per_photo=findings / len(photos),
        share=len(found) / len(photos),
        alarmed=tuple(name for name, _ in found),
        classes=tuple(
            ClassAlarms(
                name=name,
                findings=sum(region.label == name for _, regions in found for region in regions),
                photos=sum(any(region.label == name for region in regions) for _, regions in found),
            )
            for name in classes
        ),
    )
