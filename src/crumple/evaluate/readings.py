"""Readings: what an assessment says of each photo, without its words: findings with their places, and the parts seen."""

from dataclasses import dataclass
from typing import NamedTuple

from crumple.evaluate.regions import Region


class Said(NamedTuple):
    """A place that a finding names, and how likely it is to be there."""

    name: str
    probability: float


@dataclass(frozen=True, eq=False)
class PlacedFinding:
    """A reported finding. probability: how likely it is to be real. on: where it lies, the most likely place first."""

    region: Region
    probability: float
    on: tuple[Said, ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """One photo. seen: the parts of the vehicle that the assessment says can be seen."""

    findings: tuple[PlacedFinding, ...]
    seen: tuple[str, ...]
