"""Readings: what an assessment says of a judged photo, without its words: findings with their places, the parts seen.

It is read by the assessment's own rules (`crumple.detect.reading`), so that what is measured is what is reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from crumple.detect.masks import Patch
from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.detect.place_evidence import Outlined
from crumple.detect.reading import read_photo_parts
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.regions import Region, reported
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH

Lowest = Mapping[str, Mapping[str, float]]  # by branch and label, the lowest score that is reported


@dataclass(frozen=True)
class Calibrations:
    """How a photo is read; None: the defaults of `read_photo_parts`."""

    places: PlaceCalibration | None = None
    seen: SeenCalibration | None = None


class Said(NamedTuple):
    """A place that a finding names, and how likely the damage is there; 1 where that is not known."""

    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class PlacedFinding:
    """A finding. on: where it lies, the most likely place first; empty: on no place that is known."""

    region: Region
    on: tuple[Said, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """One photo. findings: those that are told, best first. seen: the places it is said to show, each once.

    parts: the parts that are listed, under the names they are listed with.
    """

    findings: tuple[PlacedFinding, ...]
    seen: tuple[str, ...]
    parts: tuple[Region, ...]

    @property
    def regions(self) -> tuple[Region, ...]:
        """Of the findings, in their order."""
        return tuple(finding.region for finding in self.findings)


def read(photo: JudgedPhoto, lowest: Lowest, calibrations: Calibrations) -> Reading:
    """Read one photo at an operating point; a label that `lowest` does not hold has 0."""
    parts, damages = (
        outlined(photo.found.get(name, ()), lowest.get(name, {})) for name in (PARTS_BRANCH, DAMAGE_BRANCH)
    )
    said = read_photo_parts(
        [one for _, one in parts], [one for _, one in damages], photo.parts, calibrations.places, calibrations.seen
    )
    return Reading(
        findings=tuple(
            PlacedFinding(
                damages[at][0],
                tuple(Said(place.name, 1.0 if place.probability is None else place.probability) for place in places),
            )
            for at, places in zip(said.damages, said.places, strict=True)
        ),
        seen=tuple(dict.fromkeys(place.name for place in said.visible)),
        parts=tuple(replace(parts[listed.part][0], label=listed.name) for listed in said.parts),
    )


def outlined(found: Sequence[Region], lowest: Mapping[str, float]) -> list[tuple[Region, Outlined]]:
    """The regions with `score >= lowest[label]` and at least one pixel, best first, as a reading wants them."""
    kept = []
    for region in reported(found, lowest):
        patch = Patch.from_rle(region.rle)
        if patch.area:
            places = np.array(region.places, np.float32) if region.places else None
            kept.append((region, Outlined(region.label, region.score, patch, places)))
    return kept


def told(photo: JudgedPhoto, reading: Reading) -> JudgedPhoto:
    """The photo with only what an assessment reports of it, under the names that it reports."""
    found = dict(photo.found)
    if DAMAGE_BRANCH in found:
        found[DAMAGE_BRANCH] = reading.regions
    if PARTS_BRANCH in found:
        found[PARTS_BRANCH] = reading.parts
    return replace(photo, found=found)
