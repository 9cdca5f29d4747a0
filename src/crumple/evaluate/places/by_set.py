"""All figures about places, set by set: findings on no part, parts named right, damaged panels, parts seen.

N photos, S resamples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.readings import Reading
from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.meeting import meet
from crumple.evaluate.places import named_parts, panels, parts_seen
from crumple.evaluate.places.events import Events
from crumple.evaluate.places.named_parts import FindingPlaces, NamedPartEvents, NamedPartsReport
from crumple.evaluate.places.panel_events import PanelEvents, panel_events
from crumple.evaluate.places.panels import DamagedPanels
from crumple.evaluate.places.parts_seen import PartsSeen, SeenEvents
from crumple.evaluate.places.truth import place_truth
from crumple.taxonomy import DAMAGE_BRANCH

NO_PART = "findings on no part"
LESS_IS_BETTER = frozenset({NO_PART, panels.ALARMED})


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SetPlaces(_Record):
    """The figures of one set of damage photos; `set` None: of all of them together.

    photos: of damage, clean cars left out. findings: on all of them. named, panels, seen: on those whose places people
    named or outlined; None where there is none.
    """

    set: str | None
    photos: int
    findings: FindingPlaces
    named: NamedPartsReport | None
    panels: DamagedPanels | None
    seen: PartsSeen | None


@dataclass(frozen=True, eq=False)
class PlaceSamples:
    """What happened on the N photos of one set, and (S, N) `weights` of them. placed: how many have a truth."""

    set: str | None
    weights: np.ndarray
    placed: int
    findings: Events
    named: NamedPartEvents
    panels: PanelEvents
    curve: PanelEvents
    seen: SeenEvents

    def report(self) -> SetPlaces:
        weights = self.weights
        return SetPlaces(
            set=self.set,
            photos=weights.shape[1],
            findings=named_parts.finding_places(self.findings, weights),
            named=named_parts.named_parts(self.named, weights) if self.placed else None,
            panels=panels.damaged_panels(self.panels, self.curve, self.placed, weights) if self.placed else None,
            seen=parts_seen.parts_seen(self.seen, self.placed, weights) if self.placed else None,
        )

    def figures(self) -> dict[str, np.ndarray]:
        """(S,) the figures by which models are compared."""
        nowhere = {NO_PART: self.findings.samples(self.findings["nowhere"], self.weights)}
        if not self.placed:
            return nowhere
        return {
            **nowhere,
            **named_parts.headline(self.named.any_class(), self.weights),
            **panels.headline(self.panels, self.curve, self.weights),
            **parts_seen.headline(self.seen, self.weights),
        }


def place_samples(
    photos: Sequence[JudgedPhoto],
    readings: Sequence[Reading],
    low_readings: Sequence[Reading],
    probability: Callable[[str, float], float],
    weights: np.ndarray,
) -> list[PlaceSamples]:
    """Of every set, and of all of them together where there are several.

    Args:
        photos: N photos of damage, see `damage_photos`. readings: of each, at the operating point. low_readings: down
            to low scores.
        probability: of damage type and score, how likely a finding is real.
        weights: (S, N), `bootstrap.resamples` of the photos.
    """
    sets: dict[str | None, list[int]] = {}
    for at, photo in enumerate(photos):
        sets.setdefault(photo.truth.sets[DAMAGE_BRANCH], []).append(at)
    if len(sets) > 1:
        sets[None] = list(range(len(photos)))
    return [
        _samples(
            name,
            [photos[i] for i in at],
            [readings[i] for i in at],
            [low_readings[i] for i in at],
            probability,
            weights[:, at],
        )
        for name, at in sets.items()
    ]


def damage_photos(photos: Sequence[JudgedPhoto]) -> list[int]:
    """Positions of the photos of damage: those of undamaged cars are left out."""
    return [
        at
        for at, photo in enumerate(photos)
        if DAMAGE_BRANCH in photo.truth.sets and DAMAGE_BRANCH in photo.found and not photo.truth.undamaged
    ]


def _samples(
    name: str | None,
    photos: Sequence[JudgedPhoto],
    readings: Sequence[Reading],
    low_readings: Sequence[Reading],
    probability: Callable[[str, float], float],
    weights: np.ndarray,
) -> PlaceSamples:
    truths = [place_truth(photo) for photo in photos]
    meetings = [
        meet(PhotoRegions(photo.truth.width, photo.truth.height, photo.drawn[DAMAGE_BRANCH], reading.regions), {})
        for photo, reading in zip(photos, readings, strict=True)
    ]
    return PlaceSamples(
        set=name,
        weights=weights,
        placed=sum(truth is not None for truth in truths),
        findings=named_parts.finding_events(readings),
        named=named_parts.named_part_events(readings, truths, meetings),
        panels=panel_events(photos, readings, truths, probability),
        curve=panel_events(photos, low_readings, truths, probability),
        seen=parts_seen.seen_events(readings, truths),
    )
