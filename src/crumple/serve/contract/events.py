"""Events: what people do to an inspection, one edit after the other, and what is kept of it."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from crumple.serve.contract.base import Answer, Polygon, Request, Short, Text
from crumple.serve.contract.findings import Reason, ReviewedFinding

EditKind = Literal["confirm", "reject", "relabel", "place", "redraw", "add", "note", "undo"]
EventKind = Literal[EditKind, "finish", "reopen"]


class Edit(Request):
    """The body of POST .../events: one edit of one image's findings."""

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
    reason: Reason | None = Field(default=None, description="of reject")
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
        if self.kind == "note" and self.text is None:
            raise ValueError("text: note needs it")
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


class Event(Answer):
    """One thing that a person did: who, when, before, after. Events are only ever added."""

    id: str
    number: int = Field(description="1, 2, 3 ... within the inspection")
    inspection_id: str
    image_id: str | None = Field(description="null: of the inspection as a whole (finish, reopen)")
    kind: EventKind
    finding_id: str | None = None
    reason: Reason | None = None
    damage: str | None = None
    places: list[str] | None = None
    polygons: list[list[float]] | None = None
    text: str | None = None
    undoes: str | None = None
    author: str
    at: datetime
    before: ReviewedFinding | None = Field(default=None, description="the finding before; null: there was none")
    after: ReviewedFinding | None = Field(default=None, description="the finding after; null: there is none any more")


class EventPage(Answer):
    """Events of an inspection, in order."""

    items: list[Event]
    next_cursor: str | None
