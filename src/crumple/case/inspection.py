"""What an inspection says of one vehicle: the pydantic models behind `inspection.json` and its JSON Schema.

Pixels are those of each photo as it is seen: upright, with the EXIF orientation applied. Shares run from 0 to 1.
"""

from typing import Literal, TypeVar

from pydantic import Field, PrivateAttr

from crumple.assessment.assessment import Assessment, Box, Model, ModelReference, QualityCheck, Severity, Share
from crumple.assessment.likelihood import Likelihood
from crumple.view import View

FORMAT: Literal["crumple-inspection-2"] = "crumple-inspection-2"

Seen = Literal["seen", "partly", "not_seen"]
Damaged = Literal["yes", "no", "unclear"]
Decision = Literal["open", "confirmed", "rejected"]


class InspectedPhoto(Model):
    """One photo of the vehicle. What was found on it stands in its own assessment."""

    id: str = Field(description="'photo-1', 'photo-2' ... within this inspection; in the service, the image's id")
    number: int = Field(ge=1, description="1, 2, 3 ... in the order in which they were given")
    name: str = Field(description="file name, or the path below the folder that was inspected")
    sha256: str = Field(description="of the file's bytes")
    width: int = Field(description="pixels, upright")
    height: int = Field(description="pixels, upright")
    view: View | None = Field(
        default=None, description="from where the vehicle is seen, by its parts; null: they do not tell"
    )
    quality: list[QualityCheck] = Field(default_factory=list, description="whether the photo can be judged at all")
    other_vehicle: bool = Field(default=False, description="it seems to show another vehicle than the rest")


class Observation(Model):
    """One damage as one photo shows it."""

    photo: str = Field(description="id of the photo")
    finding: str = Field(description="id of the finding in that photo's assessment")
    annotation: int | str | None = Field(
        default=None, description="id in the findings file; null: the damages are the model's"
    )
    box: Box
    severity: Severity = Field(description="as this photo alone tells it")
    probability: Share | None = Field(default=None, description="as this photo alone tells it; null: not known")


class DamagePlace(Model):
    """A part that a damage lies on, by all of its photos together."""

    label: str = Field(description="a part such as front_left_door, or one of the other places of `Place`")
    title: str = Field(description="the same in words")
    probability: Share | None = Field(description="that the damage lies on it; null: not known")


class MaybeSame(Model):
    """Another damage of the list that could be the same one."""

    damage: str = Field(description="its id")
    probability: Share = Field(description="that both are one")


class Damage(Model):
    """One physical damage, over all photos that show it."""

    id: str = Field(description="'damage-1', 'damage-2' ... within this inspection, worst first")
    damage: str = Field(description="damage type: name in the model's classes, such as dent")
    title: str = Field(description="the same in words")
    on: list[DamagePlace] = Field(description="where it is, the most probable first; empty: panel not identified")
    severity: Severity
    reason: str = Field(description="why this severity, in words")
    probability: Share | None = Field(
        default=None, description="that it is real, over all observations; null: the model is not calibrated"
    )
    likelihood: Likelihood | None = Field(
        default=None, description="the same as a word: doubtful below 0.3, possible below 0.6, likely from there on"
    )
    decision: Decision = Field(default="open", description="what a person made of it")
    rejected_as: str | None = Field(default=None, description="why a person rejected it, such as dirt or duplicate")
    duplicate_of: str | None = Field(default=None, description="id of the damage that it repeats, as a person said")
    edited: list[Literal["damage", "place", "severity"]] = Field(
        default_factory=list, description="what a person said of it: type, place, severity"
    )
    observations: list[Observation] = Field(min_length=1, description="the one that shows it best first")
    maybe_same: list[MaybeSame] = Field(default_factory=list)
    text: str = Field(description="one sentence that says it all")


class Panel(Model):
    """One part of the vehicle: whether the photos show it, and whether it is damaged. Not seen is never undamaged."""

    label: str = Field(description="name of a part, such as front_left_door")
    title: str = Field(description="the same in words")
    seen: Seen
    share: Share | None = Field(description="how much of it the photos show, estimated; null: cannot be told")
    best_photo: str | None = Field(description="id of the photo that shows it best; null: none does")
    damaged: Damaged
    probability: Share | None = Field(default=None, description="that it is damaged; null: not known")
    damages: list[str] = Field(default_factory=list, description="ids of the damages on it")


class MissingView(Model):
    """A side of the vehicle that was not photographed."""

    title: str = Field(description='in words, such as "right side"')
    panels: list[str] = Field(description="labels of the panels that it would show")


class Totals(Model):
    """The inspection in numbers; damages that a person rejected do not count."""

    damages: int
    doubtful: int = Field(description="of these, those of which even the model doubts")
    panels_affected: int = Field(description="panels that are damaged")
    worst_severity: Severity | None = Field(description="of the damages that are not doubtful; null: there is none")
    undecided: int = Field(description="damages that no person has decided on")


class CaseContent(Model):
    """What photos of one vehicle add up to: the same in files, in Python and over HTTP."""

    photos: list[InspectedPhoto]
    damages: list[Damage] = Field(description="worst first")
    panels: list[Panel] = Field(description="every panel that a vehicle can have, front to back")
    missing_views: list[MissingView] = Field(default_factory=list)
    totals: Totals
    notes: list[str] = Field(
        default_factory=list,
        description='what a reader should know, in words: "photos 4 and 9 seem to show another car"',
    )

    def damage(self, id: str) -> Damage:
        """The damage of this id. Raises KeyError."""
        return _by_id(self.damages, id)

    def photo(self, id: str) -> InspectedPhoto:
        """The photo of this id. Raises KeyError."""
        return _by_id(self.photos, id)


class Inspection(CaseContent):
    """Photos of one vehicle at one time.

    Made by `crumple.inspect`; written and read as JSON by pydantic's `model_dump_json` and `model_validate_json`.
    """

    format: Literal["crumple-inspection-2"] = FORMAT
    name: str = Field(description="the folder's, or the caller's own reference")
    findings_from: Literal["model", "people"] = Field(
        default="model", description="people: the damages were read from a file of annotations"
    )
    model: ModelReference
    settings_sha256: str | None = Field(
        default=None, description="SHA-256 of the severity rules, thresholds and min_score that were used"
    )

    _assessments: list[Assessment] = PrivateAttr(default_factory=list)

    @property
    def assessments(self) -> list[Assessment]:
        """Of each photo, in the same order. Empty where the inspection was read from JSON."""
        return self._assessments


_Named = TypeVar("_Named", Damage, InspectedPhoto)


def _by_id(values: list[_Named], id: str) -> _Named:
    for value in values:
        if value.id == id:
            return value
    raise KeyError(id)
