"""Damages: what people do to the damages of an inspection, several photos together."""

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from crumple.serve.contract.base import Answer, Request, Short, Text
from crumple.serve.contract.events import DamageEditKind, Event, Observed
from crumple.serve.contract.findings import Reason
from crumple.serve.contract.inspections import Inspection

MOST_DAMAGES = 500  # in one request


class DamageEdit(Request):
    """The body of POST /v1/inspections/{id}/events: one edit of damages.

    Which ones is said by `damages`, their ids, or by `observations`. An id holds as long as the inspection's
    `case_version`: give that as `version`, and the edit is refused with 409 if the damages changed since. An
    observation always means the damage that it is of now.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "merge", "damages": ["damage-1", "damage-3"], "version": 12, "author": "Ada"},
                {
                    "kind": "split",
                    "observations": [{"photo": "img-01jd8k3v9m2x4q6r8t0w1y3z5b", "finding": "finding-2"}],
                    "author": "Ada",
                },
                {
                    "kind": "reject",
                    "damages": ["damage-4", "damage-5"],
                    "version": 12,
                    "reason": "no_damage",
                    "author": "Ada",
                },
                {
                    "kind": "severity",
                    "damages": ["damage-1"],
                    "version": 12,
                    "severity": "severe",
                    "text": "the frame behind it is bent",
                    "author": "Ada",
                },
                {"kind": "undo", "undoes": ["evt-01jd8k3v9m2x4q6r8t0w1y3z5c"], "author": "Ada"},
            ]
        }
    )

    kind: DamageEditKind
    author: Short
    damages: list[Short] | None = Field(
        default=None, min_length=1, max_length=MOST_DAMAGES, description="ids; not of split and undo"
    )
    observations: list[Observed] | None = Field(
        default=None,
        min_length=1,
        max_length=10 * MOST_DAMAGES,
        description="in place of damages: each means its whole damage. Of split: those that leave theirs",
    )
    version: int | None = Field(
        default=None, ge=0, lt=2**53, description="case_version of the inspection that `damages` were read from"
    )
    reason: Reason | None = Field(default=None, description="of reject; other needs a text, duplicate `duplicate_of`")
    duplicate_of: Short | None = Field(default=None, description="id of the damage that a duplicate repeats")
    damage: Short | None = Field(default=None, description="damage type, of relabel")
    places: list[Short] | None = Field(
        default=None, min_length=1, max_length=5, description="of place: where it is, most of it first"
    )
    severity: Literal["minor", "moderate", "severe"] | None = Field(
        default=None, description="of severity, whose reason is the text"
    )
    text: Text | None = Field(default=None, description="a remark; severity and the reason other need it")
    undoes: list[Short] | None = Field(
        default=None, min_length=1, max_length=MOST_DAMAGES, description="ids of the events that undo takes back"
    )

    @model_validator(mode="after")
    def _complete(self) -> "DamageEdit":
        needs = DAMAGE_NEEDS[self.kind]
        for field in ("reason", "damage", "places", "severity", "undoes"):
            given = getattr(self, field) is not None
            if given != (field in needs):
                raise ValueError(f"{field}: {self.kind} {'needs it' if field in needs else 'does not take it'}")
        if (self.duplicate_of is not None) != (self.reason == "duplicate"):
            what = "the reason duplicate needs it" if self.reason == "duplicate" else "goes with the reason duplicate"
            raise ValueError(f"duplicate_of: {what}")
        if self.text is None and (self.kind == "severity" or self.reason == "other"):
            raise ValueError(f"text: {'severity' if self.kind == 'severity' else 'the reason other'} needs it")
        told = [name for name in ("damages", "observations") if getattr(self, name) is not None]
        if self.kind not in ("split", "undo"):
            if len(told) != 1:
                raise ValueError(f"damages: {self.kind} needs either damages or observations")
        elif self.kind == "split" and self.observations is None:
            raise ValueError("observations: split needs it")
        elif wrong := [name for name in told if (self.kind, name) != ("split", "observations")]:
            raise ValueError(f"{wrong[0]}: {self.kind} does not take it")
        return self


# Which fields each kind of edit has, besides author, text and what tells the damages.
DAMAGE_NEEDS: dict[str, frozenset[str]] = {
    "confirm": frozenset(),
    "reject": frozenset({"reason"}),
    "relabel": frozenset({"damage"}),
    "place": frozenset({"places"}),
    "severity": frozenset({"severity"}),
    "merge": frozenset(),
    "split": frozenset(),
    "undo": frozenset({"undoes"}),
}


class EditedDamages(Answer):
    """What an edit of damages made, and the inspection after it."""

    events: list[Event] = Field(description="one for each damage; of merge and split one; of undo one for each event")
    inspection: Inspection
