"""Named parts: do findings say on which part a damage lies, and is it the right one?

N photos, S resamples. A finding is about a drawn damage when it is the one that overlaps it most, from a mask IoU of
0.1 (`meeting`); airbags are left out. The part that it names first is compared with the first that people named.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.readings import PlacedFinding, Reading
from crumple.evaluate.measures.bootstrap import Share
from crumple.evaluate.measures.meeting import PhotoMeeting
from crumple.evaluate.places.events import Events
from crumple.evaluate.places.names import agrees, in_order, known_first
from crumple.evaluate.places.truth import AIRBAGS, PlaceTruth
from crumple.taxonomy import SIDELESS, without_side

RIGHT_PART, RIGHT_PART_MERGED = "right part named", "right part named, sides merged"


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
    confused: which part is taken for which, the most frequent first.
    """

    any_class: NamedParts
    same_class: NamedParts
    unsure: int
    parts: tuple[NamedPartsRow, ...]
    damages: tuple[NamedPartsRow, ...]
    confused: tuple[Confused, ...]


@dataclass(frozen=True, eq=False)
class NamedPartEvents:
    """Drawn damages whose part is named for sure, with what is said of them: once by findings of any class, and once
    (`same`) by those of their class alone. unsure: damages left out.
    """

    damages: Events
    unsure: int

    def any_class(self) -> Events:
        return self.damages.where(~self.damages["same"])

    def same_class(self) -> Events:
        return self.damages.where(self.damages["same"])


def finding_events(readings: Sequence[Reading]) -> Events:
    """The findings of N photos, airbags left out: their damage, whether they name no place, or one without its side."""
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
    return Events.of(len(readings), rows, damage=str, nowhere=bool, sideless=bool)


def named_part_events(
    readings: Sequence[Reading], truths: Sequence[PlaceTruth | None], meetings: Sequence[PhotoMeeting]
) -> NamedPartEvents:
    """The drawn damages of N photos. meetings: of each reading's findings, in their order, with what is drawn."""
    rows: list[tuple[int, dict[str, object]]] = []
    unsure = 0
    for at, (reading, truth, meeting) in enumerate(zip(readings, truths, meetings, strict=True)):
        if truth is None:
            continue
        met = {same: meeting.best(same_class=same) for same in (False, True)}
        for j, (damage, on) in enumerate(zip(meeting.drawn, truth.on, strict=True)):
            if not on or damage.crowd:
                continue
            if not on[0].sure:
                unsure += 1
                continue
            for same, best in met.items():
                finding = None if (i := best[j]) is None else reading.findings[i]
                rows.append(
                    (at, {"damage": damage.label, "same": same, **_verdict(finding, truth, [p.name for p in on])})
                )
    events = Events.of(
        len(readings),
        rows,
        part=str,
        damage=str,
        said=str,
        sided=bool,
        same=bool,
        met=bool,
        right=bool,
        among=bool,
        merged=bool,
    )
    return NamedPartEvents(events, unsure)


def _verdict(finding: PlacedFinding | None, truth: PlaceTruth, names: Sequence[str]) -> dict[str, object]:
    heard = [name for said in finding.on if (name := truth.heard(said.name))] if finding else []
    first = heard[0] if heard else ""
    return {
        "part": names[0],
        "said": first,
        "sided": names[0] not in SIDELESS,
        "met": finding is not None,
        "right": first == names[0],
        "among": any(agrees(first, name) for name in names),
        "merged": without_side(first) == without_side(names[0]),
    }


def finding_places(events: Events, weights: np.ndarray) -> FindingPlaces:
    """The figures of `finding_events`, with intervals over (S, N) `weights`."""
    return FindingPlaces(
        on_no_part=events.share(events["nowhere"], weights), side_not_known=events.share(events["sideless"], weights)
    )


def named_parts(events: NamedPartEvents, weights: np.ndarray) -> NamedPartsReport:
    """The figures of `named_part_events`, with intervals over (S, N) `weights`."""
    everything = events.any_class()

    def rows(field: str, names: list[str]) -> tuple[NamedPartsRow, ...]:
        return tuple(
            NamedPartsRow(name=name, **_figures(everything.where(everything[field] == name), weights)) for name in names
        )

    return NamedPartsReport(
        any_class=NamedParts(**_figures(everything, weights)),
        same_class=NamedParts(**_figures(events.same_class(), weights)),
        unsure=events.unsure,
        parts=rows("part", in_order(everything["part"].tolist())),
        damages=rows("damage", known_first(everything["damage"].tolist())),
        confused=_confused(everything.where(everything["met"] & ~_right(everything))),
    )


def headline(events: Events, weights: np.ndarray) -> dict[str, np.ndarray]:
    """(S,) right part named, with sides and without, of `NamedPartEvents.any_class`."""
    met = events.where(events["met"])
    sided = met.where(met["sided"])
    return {
        RIGHT_PART: sided.samples(sided["right"], weights),
        RIGHT_PART_MERGED: met.samples(met["merged"], weights),
    }


def _figures(events: Events, weights: np.ndarray) -> dict[str, Share]:
    met = events.where(events["met"])
    sided = met.where(met["sided"])
    return {
        "met": events.share(events["met"], weights),
        "right": sided.share(sided["right"], weights),
        "among": sided.share(sided["among"], weights),
        "sides_merged": met.share(met["merged"], weights),
    }


def _right(events: Events) -> np.ndarray:
    return np.where(events["sided"], events["right"], events["merged"])


def _confused(wrong: Events) -> tuple[Confused, ...]:
    pairs = Counter(zip(wrong["part"].tolist(), wrong["said"].tolist(), strict=True))
    return tuple(
        Confused(part=part, said=said or None, damages=count)
        for (part, said), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    )
