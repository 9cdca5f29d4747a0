"""What the photos of an inspection and people's events add up to: the damages and panels as they stand.

An event of a damage is one of each finding that it was about, too: the same decision stands on the damage and on the
photos. A finding that is rejected alone leaves its damage; a damage whose findings are all rejected is rejected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crumple.assessment.assessment import Assessment
from crumple.case.adding_up import AssessedPhoto, tell
from crumple.case.describing import Said
from crumple.case.inspection import CaseContent, Damage, Decision
from crumple.case.joining import Joined
from crumple.case.observations import Followed
from crumple.serve.contract.events import Event, Observed
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.review.findings import Reviewer, finding_of, undone
from crumple.serve.review.grouping import JoinedCase, Name, name_of, regroup

# Kinds of events of damages that decide on them. Whoever says what a damage is holds it for one.
DECIDES = frozenset({"confirm", "reject", "relabel", "place", "severity"})


@dataclass(frozen=True, eq=False)
class CasePhoto:
    """One assessed photo of an inspection.

    taken: when it came. file: its photo's name in the store. followed: see `AssessedPhoto`.
    """

    id: str
    taken: datetime
    file: str
    assessment: Assessment
    followed: tuple[Followed, ...] = ()


@dataclass(frozen=True, eq=False)
class Told:
    """What an inspection says, and which damage each observation is of, rejected ones included."""

    content: CaseContent
    damage_of: Mapping[Name, str]

    def damages(self, observations: Iterable[Name]) -> list[Damage]:
        """The damages that observations are of, as far as there still are any, each once."""
        ids = dict.fromkeys(self.damage_of[name] for name in observations if name in self.damage_of)
        return [self.content.damage(id) for id in ids]

    def members(self, damage_id: str) -> list[Name]:
        """All observations of a damage."""
        return [name for name, id in self.damage_of.items() if id == damage_id]


def image_events(image_id: str, events: Iterable[Event]) -> list[Event]:
    """The events that make the findings of one image, out of all of an inspection.

    An event of a damage stands for one of each finding of the image that it was about; its undoing undoes them all.
    """
    found = []
    for event in events:
        if event.image_id == image_id or (event.image_id is None and event.kind == "undo"):
            found.append(event)
        elif event.image_id is None and event.kind in DECIDES:
            kind = "confirm" if event.kind == "severity" else event.kind
            found += [
                event.model_copy(update={"kind": kind, "image_id": image_id, "finding_id": one.finding})
                for one in event.observations or []
                if one.photo == image_id
            ]
    return found


def told(photos: Sequence[CasePhoto], joined: JoinedCase, events: Sequence[Event], reviewer: Reviewer) -> Told:
    """The inspection after all of its events, in order.

    Raises ProblemError naming the field that cannot be, if the last event has one.
    """
    by_image = _by_image(photos, events)
    findings: dict[Name, ReviewedFinding] = {}
    for photo in photos:
        for finding in reviewer.findings(photo.assessment, by_image[photo.id]):
            findings[photo.id, finding.id] = finding
    taken_back = undone(events)
    standing = [event for event in events if event.id not in taken_back and event.kind != "undo"]
    taken = {photo.id: photo.taken for photo in photos}
    of_damages = [event for event in standing if event.observations is not None]
    groups, maybe_same = regroup(joined, {name: taken[name[0]] for name in findings}, of_damages)
    rulings = _rulings(groups, findings, standing)
    counted = [
        [name for name in group if ruling.decision == "rejected" or findings[name].review != "rejected"]
        for group, ruling in zip(groups, rulings, strict=True)
    ]
    group_of = {name: i for i, group in enumerate(groups) for name in group}
    positions, assessed = _assessed(photos, findings, counted, rulings, reviewer)
    content = tell(
        assessed,
        _Joined(
            tuple(tuple(positions[name] for name in group) for group in counted),
            tuple((one, other, chance) for (one, other), chance in maybe_same.items()),
            other_vehicle=tuple(i for i, photo in enumerate(photos) if photo.id in joined.other_vehicle),
        ),
        rules=reviewer.rules,
        notes=joined.notes,
        said=rulings,
        repeats=_repeats(groups, rulings, standing, group_of),
    )
    ids = {group_of[one.photo, one.finding]: damage.id for damage in content.damages for one in damage.observations}
    return Told(content, {name: ids[i] for name, i in group_of.items()})


@dataclass(frozen=True)
class _Joined(Joined):
    """With the positions of photos that seem to show another vehicle."""

    other_vehicle: tuple[int, ...] = ()


def _by_image(photos: Sequence[CasePhoto], events: Sequence[Event]) -> dict[str, list[Event]]:
    """The events of each image: most inspections have many photos and few events."""
    about: dict[str, list[Event]] = {photo.id: [] for photo in photos}
    for event in events:
        images = {event.image_id} if event.image_id else {one.photo for one in event.observations or []}
        for image_id in images & about.keys():
            about[image_id].append(event)
    undoing = [event for event in events if event.image_id is None and event.kind == "undo"]
    return {
        image_id: image_events(image_id, sorted({e.id: e for e in [*mine, *undoing]}.values(), key=lambda e: e.number))
        if mine
        else []
        for image_id, mine in about.items()
    }


def _rulings(
    groups: Sequence[Sequence[Name]], findings: Mapping[Name, ReviewedFinding], standing: Sequence[Event]
) -> list[Said]:
    """What people said of each damage; the later word counts."""
    group_of = {name: i for i, group in enumerate(groups) for name in group}
    decided: dict[int, Event] = {}
    damage: dict[int, str] = {}
    places: dict[int, list[str]] = {}
    severity: dict[int, Event] = {}
    for event in standing:
        named = (
            [(event.image_id, finding_of(event))]
            if event.image_id
            else [name_of(one) for one in event.observations or []]
        )
        for i in {group_of[name] for name in named if name in group_of}:
            if event.image_id is None and event.kind in DECIDES:
                decided[i] = event
            if event.kind in ("relabel", "add"):
                damage[i] = str(event.damage)
            elif event.kind == "place":
                places[i] = list(event.places or [])
            elif event.kind == "severity":
                severity[i] = event
    rulings = []
    for i, group in enumerate(groups):
        reviews = [findings[name].review for name in group]
        last = decided.get(i)
        decision: Decision
        if "confirmed" in reviews:
            decision = "confirmed"
        elif "open" in reviews:
            decision = "open" if last is None else "rejected" if last.kind == "reject" else "confirmed"
        else:
            decision = "rejected"
        reason = None
        if decision == "rejected":
            reason = last.reason if last and last.kind == "reject" else findings[group[-1]].rejected_as
        said = severity.get(i)
        rulings.append(
            Said(
                decision=decision,
                damage=damage.get(i),
                places=places.get(i),
                severity=(said.severity, str(said.text)) if said and said.severity else None,
                rejected_as=reason,
            )
        )
    return rulings


def _repeats(
    groups: Sequence[Sequence[Name]], rulings: Sequence[Said], standing: Sequence[Event], group_of: Mapping[Name, int]
) -> dict[int, int]:
    """Which damage, by position, repeats which."""
    repeats = {}
    for event in standing:
        if event.reason == "duplicate" and event.duplicate_of:
            others = [group_of[name] for one in event.duplicate_of if (name := name_of(one)) in group_of]
            for one in event.observations or []:
                i = group_of.get(name_of(one))
                if i is not None and others and others[0] != i and rulings[i].rejected_as == "duplicate":
                    repeats[i] = others[0]
    return repeats


def _assessed(
    photos: Sequence[CasePhoto],
    findings: Mapping[Name, ReviewedFinding],
    counted: Sequence[Sequence[Name]],
    rulings: Sequence[Said],
    reviewer: Reviewer,
) -> tuple[dict[Name, int], list[AssessedPhoto]]:
    """The photos with the findings that count, as the damages have them, and positions of these in all of them."""
    said_of = {name: said for group, said in zip(counted, rulings, strict=True) for name in group}
    positions: dict[Name, int] = {}
    mine: dict[str, list[ReviewedFinding]] = {photo.id: [] for photo in photos}
    assessments = {photo.id: photo.assessment for photo in photos}
    for name, finding in findings.items():  # photo by photo
        if said := said_of.get(name):
            finding = reviewer.as_said(assessments[name[0]], finding, said.damage, said.places)
            positions[name] = len(positions)
            mine[name[0]].append(finding if finding.score is not None else finding.model_copy(update={"score": 1.0}))
    return positions, [
        AssessedPhoto(photo.assessment.model_copy(update={"findings": mine[photo.id]}), id=photo.id) for photo in photos
    ]


def observed(names: Iterable[Name]) -> list[Observed]:
    """Observations as the contract names them."""
    return [Observed(photo=photo, finding=finding) for photo, finding in names]
