"""Events: what people do to an inspection, one edit after the other, and what is kept of it."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, model_validator

from crumple.assessment.assessment import Severity
from crumple.case.inspection import Damage
from crumple.serve.contract.base import Answer, Polygon, Request, Short, Text
from crumple.serve.contract.findings import FindingReason, Reason, ReviewedFinding

EditKind = Literal["confirm", "reject", "relabel", "place", "redraw", "add", "note", "undo"]
DamageEditKind = Literal["confirm", "reject", "relabel", "place", "severity", "merge", "split", "distinct", "undo"]
EventKind = Literal[EditKind, DamageEditKind, "particulars_changed", "photo_deleted", "finish", "reopen"]


class Edit(Request):
    """The body of POST .../images/{image_id}/events: one edit of one image's findings."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "reject", "finding_id": "finding-1", "reason": "reflection", "author": "Ada"},
                {"kind": "place", "finding_id": "finding-1", "places": ["left_fender"], "author": "Ada"},
                {"kind": "add", "damage": "dent", "polygons": [[10, 10, 90, 10, 90, 60]], "author": "Ada"},
            ]
        }
    )

    kind: EditKind
    author: Short
    finding_id: Short | None = Field(default=None, description="which finding; not for add and undo")
    reason: FindingReason | None = Field(default=None, description="of reject; other needs a text")
    damage: Short | None = Field(default=None, description="damage type, of relabel and add")
    places: list[Short] | None = Field(
        default=None,
        min_length=1,
        max_length=5,
        description="of place: where it is, most of it first; without its side where that is not known, such as fender",
    )
    polygons: list[Polygon] | None = Field(default=None, min_length=1, max_length=100, description="of redraw and add")
    text: Text | None = Field(default=None, description="of note; of any other kind a remark")
    undoes: Short | None = Field(default=None, description="id of the event that undo takes back")

    @model_validator(mode="after")
    def _complete(self) -> "Edit":
        needs = NEEDS[self.kind]
        for field in ("finding_id", "reason", "damage", "places", "polygons", "undoes"):
            given = getattr(self, field) is not None
            if given != (field in needs):
                raise ValueError(f"{field}: {self.kind} {'needs it' if field in needs else 'does not take it'}")
        if self.text is None and (self.kind == "note" or self.reason == "other"):
            raise ValueError(f"text: {self.kind if self.kind == 'note' else 'the reason other'} needs it")
        for i, polygon in enumerate(self.polygons or []):
            if len(polygon) % 2:
                raise ValueError(f"polygons.{i}: is of pairs x y, and has {len(polygon)} numbers")
        return self


# Which fields each kind of edit has, besides author and text.
NEEDS: dict[str, frozenset[str]] = {
    "confirm": frozenset({"finding_id"}),
    "reject": frozenset({"finding_id", "reason"}),
    "relabel": frozenset({"finding_id", "damage"}),
    "place": frozenset({"finding_id", "places"}),
    "redraw": frozenset({"finding_id", "polygons"}),
    "add": frozenset({"damage", "polygons"}),
    "note": frozenset({"finding_id"}),
    "undo": frozenset({"undoes"}),
}


class Observed(Answer):
    """A finding of a photo, as the observation of a damage: its name for good, while ids of damages change."""

    photo: Short = Field(description="id of the image")
    finding: Short = Field(description="id of the finding on it")


class Event(Answer):
    """One thing that a person did: who, when, before, after. Events are only ever added.

    Of a finding: `image_id`, `finding_id`, `before`, `after`. Of damages: `observations` are what it was about, for
    good; `damages_before` and `damages_after` are the damages as they were told then, with the ids of that moment.
    """

    id: str
    number: int = Field(description="1, 2, 3 ... within the inspection")
    inspection_id: str
    image_id: str | None = Field(description="null: of damages, or of the inspection as a whole")
    kind: EventKind
    finding_id: str | None = None
    reason: Reason | None = None
    damage: str | None = None
    places: list[str] | None = None
    severity: Severity | None = None
    polygons: list[list[float]] | None = None
    observations: list[Observed] | None = Field(default=None, description="of an event of damages: those it was about")
    rest: list[Observed] | None = Field(
        default=None, description="of split: those that stayed; of distinct: those of the other damage"
    )
    duplicate_of: list[Observed] | None = Field(default=None, description="of reject: those of the other damage")
    photo_name: str | None = Field(default=None, description="of photo_deleted")
    particulars_before: dict[str, JsonValue] | None = Field(
        default=None, description="of particulars_changed: the fields that changed, as they were"
    )
    particulars_after: dict[str, JsonValue] | None = Field(default=None, description="and as they are since")
    text: str | None = None
    undoes: str | None = None
    author: str
    at: datetime
    before: ReviewedFinding | None = Field(default=None, description="the finding before; null: there was none")
    after: ReviewedFinding | None = Field(default=None, description="the finding after; null: there is none any more")
    damages_before: list[Damage] | None = None
    damages_after: list[Damage] | None = None


class EventPage(Answer):
    """Events of an inspection, in order."""

    items: list[Event]
    next_cursor: str | None
