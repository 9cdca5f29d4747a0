"""What both reports show of a case, in their order: the case on one page, the evidence, the photos, how it was made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from crumple.assessment.assessment import Assessment, Finding
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
class Row:
    """A damage with its number, which is the same in every table and on every photo."""

    number: int
    damage: Damage
    sights: tuple[Sight, ...]

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
    finds them in an appendix. facts: names and values that the head shows besides, such as the plate. made: when.
    """

    inspection: Inspection
    assessments: Sequence[Assessment]
    audience: Audience = "reviewer"
    facts: Sequence[tuple[str, str]] = ()
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
