"""A subject: a candidate that was judged, with all that it found on the photos, read as an assessment reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from crumple.detect.model_info import ClassThresholds, ModelInfo
from crumple.evaluate.judged.photos import JudgedPhoto, apart_sets, labelled_for
from crumple.evaluate.judged.readings import Calibrations, Reading, read, told
from crumple.evaluate.measures.bootstrap import resamples
from crumple.evaluate.measures.samples import BranchSamples, branch_samples
from crumple.evaluate.places.by_set import PlaceSamples, damage_photos, place_samples
from crumple.evaluate.tuning.choice import Choice
from crumple.evaluate.tuning.thresholds import LOWEST, Thresholds, choose_thresholds
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH


class Scope(NamedTuple):
    """What a branch is judged on: `apart`, a set that is judged by itself, or, None, all its other sets."""

    branch: str
    apart: str | None = None


@dataclass(frozen=True, eq=False)
class Subject:
    """What is evaluated: a model by what it found on N photos.

    weights: (S, N) resamples of them. calibrations: how each photo is read for places. held_out_alarms: see `Choice`;
    None where the thresholds were not chosen on these photos.
    """

    info: ModelInfo
    photos: tuple[JudgedPhoto, ...]
    weights: np.ndarray
    thresholds: Thresholds
    thresholds_from: str
    calibrations: tuple[Calibrations, ...]
    held_out_alarms: np.ndarray | None = None

    def lowest(self, branch: str) -> dict[str, float]:
        """By label, the lowest score that is reported."""
        given = self.thresholds.get(branch, {})
        classes = self.info.branch(branch).classes
        return {label: (given.get(label) or ClassThresholds()).lower for label in classes}

    def scopes(self) -> list[Scope]:
        """The branches of the model that some photo is labelled for, each before its sets that are judged apart."""
        found = []
        for branch in (one.name for one in self.info.branches):
            found += [Scope(branch)] if labelled_for(self.photos, branch) else []
            found += [Scope(branch, name) for name in apart_sets(self.photos, branch)]
        return found

    def positions(self, scope: Scope) -> list[int]:
        """Positions of the photos that the scope is judged on."""
        known = {id(photo) for photo in labelled_for(self.photos, scope.branch, scope.apart)}
        return [i for i, photo in enumerate(self.photos) if id(photo) in known]

    @property
    def names_places(self) -> bool:
        """Whether it has damage, and something to tell its place by."""
        branches = {branch.name for branch in self.info.branches}
        return DAMAGE_BRANCH in branches and (PARTS_BRANCH in branches or bool(self.info.places))

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Each photo as an assessment reads it."""
        lowest = {branch.name: self.lowest(branch.name) for branch in self.info.branches}
        pairs = zip(self.photos, self.calibrations, strict=True)
        return tuple(read(photo, lowest, calibrations) for photo, calibrations in pairs)

    @cached_property
    def reported(self) -> tuple[JudgedPhoto, ...]:
        """Each photo with only what an assessment reports of it."""
        return tuple(told(photo, reading) for photo, reading in zip(self.photos, self.readings, strict=True))

    @cached_property
    def places(self) -> list[PlaceSamples]:
        """Every figure about places on every resample, by set; none for a model that names no places."""
        if not self.names_places:
            return []
        at = damage_photos(self.photos)
        photos = [self.photos[i] for i in at]
        low = dict.fromkeys(self.info.branch(DAMAGE_BRANCH).classes, LOWEST)
        lowest = {branch.name: self.lowest(branch.name) for branch in self.info.branches} | {DAMAGE_BRANCH: low}
        low_readings = [read(self.photos[i], lowest, self.calibrations[i]) for i in at]
        return place_samples(
            photos, [self.readings[i] for i in at], low_readings, self.probability, self.weights[:, at]
        )

    def probability(self, label: str, score: float) -> float:
        """How likely a finding of damage is real; the score itself where the model is not calibrated."""
        known = self.info.probability(DAMAGE_BRANCH, label, score)
        return score if known is None else known

    @cached_property
    def samples(self) -> dict[Scope, BranchSamples]:
        """Every figure of every scope on every resample."""
        return {scope: self._samples(scope) for scope in self.scopes()}

    def _samples(self, scope: Scope) -> BranchSamples:
        at = self.positions(scope)
        photos, reported = ([side[i] for i in at] for side in (self.photos, self.reported))
        return branch_samples(
            photos, reported, scope.branch, self.info.branch(scope.branch).classes, self.weights[:, at]
        )


def subject(
    info: ModelInfo,
    photos: Sequence[JudgedPhoto],
    *,
    choice: Choice | None = None,
    assessed: bool = True,
    seed: int = 0,
) -> Subject:
    """Bring together what an evaluation needs.

    Args:
        choice: what to judge with, chosen on the same photos; None: the model's own.
        assessed: whether `crumple assess` can use what is judged. It then reports from the default thresholds where
            the model has none, and so it is judged; for another system's detections they are chosen on these photos.
        seed: of the resamples.
    """
    if choice:
        thresholds, source = choice.thresholds, "these photos"
    elif info.thresholds:
        thresholds, source = info.thresholds, "model"
    elif assessed:
        thresholds = {
            one.name: {label: info.threshold(one.name, label) for label in one.classes} for one in info.branches
        }
        source = "defaults"
    else:
        thresholds, source = choose_thresholds(photos, {one.name: one.classes for one in info.branches}), "these photos"
    own = Calibrations(info.place_calibration, info.seen_calibration)
    return Subject(
        info=info,
        photos=tuple(photos),
        weights=resamples([photo.truth.group for photo in photos], seed=seed),
        thresholds=thresholds,
        thresholds_from=source,
        calibrations=choice.held_out if choice else (own,) * len(photos),
        held_out_alarms=choice.held_out_alarms if choice else None,
    )
