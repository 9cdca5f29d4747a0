"""Inspections: several photos of one vehicle, and what they add up to."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, model_validator

from crumple.case.inspection import CaseContent, Totals
from crumple.serve.contract.base import Answer, Request, Short, Time
from crumple.serve.contract.images import ImageSummary
from crumple.serve.contract.reviews import Review

MAX_METADATA = 65_536

Kind = Literal["claim", "pickup", "return", "transport", "other"]
CaseStatus = Literal["pending", "done"]


def _is_json(metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        length = len(json.dumps(metadata, allow_nan=False, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise ValueError("holds half a surrogate pair, which is no character") from None
    except ValueError:
        raise ValueError("holds NaN or an infinity, which JSON has not") from None
    if length > MAX_METADATA:
        raise ValueError(f"is {length} bytes long, and at most {MAX_METADATA} are kept")
    return metadata


Metadata = Annotated[dict[Short, JsonValue], Field(max_length=50), AfterValidator(_is_json)]


class Vehicle(Request):
    """The vehicle, as far as the caller says it. Nothing of it is read off the photos."""

    plate: Short | None = None
    vin: Short | None = None
    make: Short | None = None
    model: Short | None = None


class Particulars(Request):
    """What the caller says of an inspection; all of it may be left away."""

    reference: Short | None = Field(default=None, description="the caller's own name for it, such as a claim number")
    kind: Kind | None = Field(default=None, description="what the photos were taken for")
    taken_from: Time | None = Field(default=None, description="when the first photo was taken")
    taken_until: Time | None = Field(default=None, description="when the last photo was taken")
    place: Short | None = Field(default=None, description="where the photos were taken, in words")
    mileage: int | None = Field(default=None, ge=0, le=10_000_000, description="kilometres")

    @model_validator(mode="after")
    def _in_order(self) -> "Particulars":
        check_times(self.taken_from, self.taken_until)
        return self


def check_times(taken_from: datetime | None, taken_until: datetime | None) -> None:
    """Raises ValueError for an end before its beginning."""
    if taken_from and taken_until and taken_until < taken_from:
        raise ValueError("taken_until: lies before taken_from")


class NewInspection(Particulars):
    """The body of POST /v1/inspections; all of it may be left away."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"reference": "claim 4711", "kind": "claim", "vehicle": {"plate": "AB-123-C", "make": "Opel"}}]
        }
    )

    vehicle: Vehicle = Vehicle()
    metadata: Metadata = Field(default_factory=dict, description="kept and given back")


class InspectionChanges(Particulars):
    """The body of PATCH /v1/inspections/{id}: what is left away stays as it is, null clears."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"vehicle": {"vin": "W0L000051T2123456", "plate": None}, "mileage": 48_210}]}
    )

    vehicle: Vehicle | None = Field(default=None, description="field by field: what is left away in it stays as well")
    metadata: Metadata | None = Field(default=None, description="all of it anew")


class InspectionFacts(Answer):
    """What is known of an inspection besides its photos, and how far it is."""

    id: str
    reference: str | None
    vehicle: Vehicle
    kind: Kind | None
    taken_from: datetime | None
    taken_until: datetime | None
    place: str | None
    mileage: int | None
    metadata: dict[str, JsonValue]
    created_at: datetime
    updated_at: datetime
    review: Review
    case_status: CaseStatus = Field(
        description="pending: photos are still assessed, or not yet compared with each other; damages may still change"
    )
    case_version: int = Field(description="changes with every change of the damages; while it stays, so do their ids")


class InspectionSummary(InspectionFacts):
    """An inspection in short: as lists have it."""

    totals: Totals
    photos: int = Field(description="how many it has")
    thumbnail: str | None = Field(description="id of an image that shows its worst damage; null: it has none")


class Inspection(CaseContent, InspectionFacts):
    """Several photos of one vehicle, and what they add up to: `photos`, `damages`, `panels` and so on.

    `images` are the photos as they were uploaded, assessed or not; `photos` those of them that were assessed.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra=lambda schema: schema.update(examples=[EXAMPLE]))

    images: list[ImageSummary] = Field(description="in the order in which they came")


class InspectionPage(Answer):
    """Inspections, newest first."""

    items: list[InspectionSummary]
    next_cursor: str | None = Field(description="give it as ?cursor= for the next page; null: this is the last")


EXAMPLE: dict[str, Any] = {
    "id": "ins-01jd8k3v9m2x4q6r8t0w1y3z5a",
    "reference": "claim 4711",
    "vehicle": {"plate": "AB-123-C", "vin": "W0L000051T2123456", "make": "Opel", "model": "Corsa"},
    "kind": "claim",
    "taken_from": "2026-11-30T16:02:00Z",
    "taken_until": "2026-11-30T16:05:00Z",
    "place": "Utrecht",
    "mileage": 48_210,
    "metadata": {},
    "created_at": "2026-12-01T09:00:00Z",
    "updated_at": "2026-12-01T09:00:41Z",
    "review": {"state": "open"},
    "case_status": "done",
    "case_version": 12,
    "images": [
        {
            "id": "img-01jd8k3v9m2x4q6r8t0w1y3z5b",
            "name": "left.jpg",
            "sha256": "6f0e8a7b3c1d5e9f2a4b6c8d0e1f3a5b7c9d2e4f6a8b0c1d3e5f7a9b2c4d6e8f",
            "width": 4000,
            "height": 3000,
            "status": "done",
            "created_at": "2026-12-01T09:00:05Z",
        }
    ],
    "photos": [
        {
            "id": "img-01jd8k3v9m2x4q6r8t0w1y3z5b",
            "number": 1,
            "name": "left.jpg",
            "sha256": "6f0e8a7b3c1d5e9f2a4b6c8d0e1f3a5b7c9d2e4f6a8b0c1d3e5f7a9b2c4d6e8f",
            "width": 4000,
            "height": 3000,
            "view": "left",
            "quality": [],
            "other_vehicle": False,
        }
    ],
    "damages": [
        {
            "id": "damage-1",
            "damage": "dent",
            "title": "dent",
            "on": [{"label": "front_left_door", "title": "front left door", "probability": 0.93}],
            "severity": "moderate",
            "reason": "covers 12 % of the front left door",
            "probability": 0.81,
            "likelihood": "likely",
            "decision": "open",
            "edited": [],
            "observations": [
                {
                    "photo": "img-01jd8k3v9m2x4q6r8t0w1y3z5b",
                    "finding": "finding-1",
                    "box": [1200, 900, 1800, 1500],
                    "severity": "moderate",
                    "probability": 0.81,
                }
            ],
            "maybe_same": [],
            "text": "dent on front left door, likely, in photo 1. Moderate: covers 12 % of the front left door",
        }
    ],
    "panels": [
        {
            "label": "front_left_door",
            "title": "front left door",
            "seen": "seen",
            "share": 0.97,
            "best_photo": "img-01jd8k3v9m2x4q6r8t0w1y3z5b",
            "damaged": "yes",
            "probability": 0.79,
            "damages": ["damage-1"],
        }
    ],
    "missing_views": [{"title": "roof", "panels": ["roof"]}],
    "totals": {"damages": 1, "doubtful": 0, "panels_affected": 1, "worst_severity": "moderate", "undecided": 1},
    "notes": [],
}
