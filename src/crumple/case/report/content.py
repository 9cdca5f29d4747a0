"""What both reports show of a case, in their order: the case on one page, the evidence, the photos, how it was made."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from crumple.assessment.assessment import Assessment, Finding, ModelReference
from crumple.case.inspection import Damage, InspectedPhoto, Inspection, Observation
from crumple.case.panel_map.states import STATES, MappedPanel, State, is_doubtful, is_listed, mapped
from crumple.case.report import wording
from crumple.case.report.wording import Audience


@dataclass(frozen=True)
class Sight:
    """One photo of a damage. picture: the file with the cut-out, below the report's folder."""

    photo: InspectedPhoto
    observation: Observation
    picture: str


@dataclass(frozen=True)
class Remarks:
    """What people said of a damage. decision: such as "confirmed by Ada"; empty: "confirmed by a person" will do."""

    decision: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class AppendixTable:
    """A table after the photos. shares: of its width, for each column."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float]


@dataclass(frozen=True)
class Row:
    """A damage with its number, which is the same in every table and on every photo."""

    number: int
    damage: Damage
    sights: tuple[Sight, ...]
    remarks: Remarks = Remarks()

    @property
    def likelihood(self) -> str:
        """How sure it is that the damage is real, or who decided on it."""
        return self.remarks.decision or wording.likelihood(self.damage)

    @property
    def thumbnail(self) -> str:
        """The file with the small picture of the photo that shows it best."""
        return f"pictures/damage-{self.number}.jpg"

    @property
    def strong(self) -> bool:
        """Whether its severity may be shown loudly: it is likely, or a person stands for it."""
        return wording.is_sure(self.damage)


@dataclass(frozen=True)
class PhotoSection:
    """One photo with the damages that are drawn on it."""

    photo: InspectedPhoto
    assessment: Assessment
    rows: tuple[Row, ...]

    @property
    def picture(self) -> str:
        return f"pictures/photo-{self.photo.number}.jpg"

    @property
    def overlay(self) -> str:
        """The picture with outlines; where there are none, the photo itself."""
        return f"pictures/photo-{self.photo.number}-damages.jpg" if self.rows else self.picture


COVER = "pictures/cover.jpg"  # a thumbnail of the photo that shows most of the vehicle


@dataclass(frozen=True)
class CaseReport:
    """The report of one inspection.

    assessments: of its photos, in their order. audience: the recipient reads no thresholds and no scores; the reviewer
    finds them in an appendix. facts: names and values that the head shows besides, such as the plate. notes: what a
    reader should know besides the inspection's own notes. remarks: by id of the damage. appendix: further tables.
    unread: ids of photos that could not be read, whose pictures are missing. made: when.
    """

    inspection: Inspection
    assessments: Sequence[Assessment]
    audience: Audience = "reviewer"
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    remarks: Mapping[str, Remarks] = field(default_factory=dict)
    appendix: Sequence[AppendixTable] = ()
    unread: Collection[str] = ()
    made: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        if len(self.assessments) != len(self.inspection.photos):
            raise ValueError(
                f"{len(self.assessments)} assessments for {len(self.inspection.photos)} photos; an inspection that was "
                "read from JSON needs the assessments of its photos"
            )

    @property
    def title(self) -> str:
        return f"Damage report: {self.inspection.name}"

    @property
    def all_facts(self) -> list[tuple[str, str]]:
        """What the head says about the vehicle and the report."""
        inspection = self.inspection
        panels = sum(panel.seen != "not_seen" for panel in inspection.panels)
        return [
            *((name, value) for name, value in self.facts if value),
            ("Photos", str(len(inspection.photos))),
            ("Panels photographed", f"{panels} of {len(inspection.panels)}"),
            ("Damages drawn by", "people") if inspection.findings_from == "people" else ("Read by", "crumple"),
            ("Report made", wording.time_in_words(self.made)),
        ]

    @property
    def all_notes(self) -> list[str]:
        """What a reader should know, without the full stop."""
        unread = [photo.number for photo in self.inspection.photos if photo.id in self.unread]
        return [*self.notes, *self.inspection.notes, *([wording.unread(unread)] if unread else [])]

    @cached_property
    def photos(self) -> dict[str, InspectedPhoto]:
        """By id."""
        return {photo.id: photo for photo in self.inspection.photos}

    @cached_property
    def rows(self) -> list[Row]:
        """Every damage."""
        return [
            Row(
                number,
                damage,
                tuple(
                    Sight(self.photos[one.photo], one, f"pictures/damage-{number}-{position}.jpg")
                    for position, one in enumerate(damage.observations, start=1)
                ),
                self.remarks.get(damage.id, Remarks()),
            )
            for number, damage in enumerate(self.inspection.damages, start=1)
        ]

    @property
    def listed(self) -> list[Row]:
        """The main list."""
        return [row for row in self.rows if is_listed(row.damage)]

    @property
    def doubtful(self) -> list[Row]:
        """Those that the model doubts, and no person has decided on."""
        return [row for row in self.rows if is_doubtful(row.damage)]

    @property
    def rejected(self) -> list[Row]:
        """Those that a person took off the list."""
        return [row for row in self.rows if row.damage.decision == "rejected"]

    @cached_property
    def panels(self) -> list[MappedPanel]:
        """For the map."""
        return mapped(self.inspection.panels, self.inspection.damages)

    @property
    def legend(self) -> list[tuple[State, str, list[str]]]:
        """The states of the map that occur, in words, with the panels of each."""
        entries = (
            (state, words, [p.named for p in self.panels if p.state == state]) for state, words in STATES.items()
        )
        return [entry for entry in entries if entry[2]]

    @property
    def missing(self) -> str:
        """The sides that were not photographed: "right side and roof"; empty: none."""
        return wording.listed([view.title for view in self.inspection.missing_views])

    def number_of(self, id: str) -> int:
        """The number of a damage."""
        return next(row.number for row in self.rows if row.damage.id == id)

    def maybe_same(self, row: Row) -> list[int]:
        """The numbers of the damages that may be the same one, the likeliest first; those on the main list alone."""
        listed = {other.damage.id: other.number for other in self.listed}
        return [listed[other.damage] for other in row.damage.maybe_same if other.damage in listed]

    @cached_property
    def sections(self) -> list[PhotoSection]:
        """The photos, in order."""
        return [
            PhotoSection(
                photo,
                assessment,
                tuple(
                    row
                    for row in self.rows
                    if row.damage.decision != "rejected" and any(s.photo.id == photo.id for s in row.sights)
                ),
            )
            for photo, assessment in zip(self.inspection.photos, self.assessments, strict=True)
        ]

    def shows(self, photo: InspectedPhoto) -> bool:
        """Whether there are pictures of a photo."""
        return photo.id not in self.unread

    @property
    def models(self) -> list[ModelReference]:
        """Those that took part."""
        return [one.model for one in self.methods] or [self.inspection.model]

    @cached_property
    def methods(self) -> list[Assessment]:
        """One assessment for each model and set of thresholds that took part: nearly always one."""
        different: dict[str, Assessment] = {}
        for one in self.assessments:
            different.setdefault(f"{one.model!r} {one.thresholds!r} {one.min_score}", one)
        return list(different.values())

    def findings(self, row: Row) -> list[tuple[Sight, Finding]]:
        """What each photo alone said of a damage."""
        of_photo = dict(zip(self.photos, self.assessments, strict=True))
        return [
            (sight, finding)
            for sight in row.sights
            for finding in of_photo[sight.photo.id].findings
            if finding.id == sight.observation.finding
        ]

    def drawn(self, section: PhotoSection) -> tuple[Assessment, list[int]]:
        """What the overlay of a photo shows: its findings in the words of the case, and the damages' numbers.

        A damage that is likely, or that a person stands for, has a solid outline.
        """
        by_finding = {
            sight.observation.finding: row
            for row in section.rows
            for sight in row.sights
            if sight.photo == section.photo
        }
        findings = [finding for finding in section.assessment.findings if finding.id in by_finding]
        rows = [by_finding[finding.id] for finding in findings]
        shown = [_as_damage(finding, row) for finding, row in zip(findings, rows, strict=True)]
        return section.assessment.model_copy(update={"findings": shown}), [row.number for row in rows]


def _as_damage(finding: Finding, row: Row) -> Finding:
    damage = row.damage
    return finding.model_copy(
        update={
            "damage": damage.damage,
            "title": damage.title,
            "severity": damage.severity,
            "likelihood": "likely" if row.strong else "possible",
        }
    )
