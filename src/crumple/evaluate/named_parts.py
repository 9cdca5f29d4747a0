"""Named parts: do findings say on which part a damage lies, and is it the right one?

N photos, S resamples. A finding is about a drawn damage when it is the one that overlaps it most, from a mask IoU of 0.1
(`meeting`); airbags are left out. The part that it names first is compared with the first that people named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.bootstrap import Share
from crumple.evaluate.events import Events
from crumple.evaluate.meeting import PhotoMeeting
from crumple.evaluate.place_names import JUDGED, agrees, judged
from crumple.evaluate.place_truth import AIRBAGS, PlaceTruth
from crumple.evaluate.readings import Reading
from crumple.taxonomy import SIDELESS, title, without_side


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FindingPlaces(_Record):
    """Of the reported findings, airbags left out.

    on_no_part: those that name no place at all; inside the vehicle, the engine bay and the underbody are places.
    side_not_known: those whose first place is a part without its side, where that part has sides.
    """

    on_no_part: Share
    side_not_known: Share


class NamedParts(_Record):
    """Of drawn damages whose part people named for sure.

    met: that some finding is about. Of these: right: the finding names the first part that people named, first. among:
    what it names first is among all parts that people named. Both are about labels that name a side where there is one.
    sides_merged: as `right`, whichever the side. A finding that names no part is wrong in all of them.
    """

    met: Share
    right: Share
    among: Share
    sides_merged: Share


class NamedPartsRow(NamedParts):
    """The same of one part, or of one damage type."""

    name: str


class Confused(_Record):
    """Damages that lie on `part` and whose finding names `said` first; None: no part."""

    part: str
    said: str | None
    damages: int


class NamedPartsReport(_Record):
    """any_class: whatever the finding's damage type; so are the rows. same_class: only findings of the damage's type.

    unsure: damages left out because the people who named their part were not sure. parts: by the first part named.
    confused: which part is taken for which, the most frequent first, sides merged where the label has none.
    """

    any_class: NamedParts
    same_class: NamedParts
    unsure: int
    parts: tuple[NamedPartsRow, ...]
    damages: tuple[NamedPartsRow, ...]
    confused: tuple[Confused, ...]


_FIELDS = ("part", "damage", "sided", "same", "met", "right", "among", "merged", "said")


@dataclass(frozen=True, eq=False)
class PartEvents:
    """Drawn damages whose part is named for sure, and what is said of them; twice, `same`: by findings of their class
    alone. findings: of every photo. unsure: damages left out.
    """

    damages: Events
    findings: Events
    unsure: int


def finding_events(readings: Sequence[Reading]) -> Events:
    """The findings of the photos: damage, whether each names any place, and whether it leaves the first one's side out."""
    rows = [
        (
            at,
            {
                "damage": finding.region.label,
                "nowhere": not finding.on,
                "sideless": bool(finding.on) and finding.on[0].name in SIDELESS,
            },
        )
        for at, reading in enumerate(readings)
        for finding in reading.findings
        if finding.region.label != AIRBAGS
    ]
    return Events.of(len(readings), rows, ("damage", "nowhere", "sideless"))
