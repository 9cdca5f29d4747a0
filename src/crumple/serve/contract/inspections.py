"""Inspections: several photos of one vehicle."""

import json
from datetime import datetime

from pydantic import ConfigDict, Field, JsonValue, field_validator

from crumple.serve.contract.base import Answer, Request, Short
from crumple.serve.contract.images import ImageSummary
from crumple.serve.contract.reviews import Review

MAX_METADATA = 65_536


class Vehicle(Request):
    """The vehicle, as far as the caller says it. Nothing of it is read off the photos."""

    plate: Short | None = None
    vin: Short | None = None
    make: Short | None = None
    model: Short | None = None


class NewInspection(Request):
    """The body of POST /v1/inspections; all of it may be left away."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reference": "claim 4711", "vehicle": {"plate": "AB-123-C", "make": "Opel"}}]}
    )

    reference: Short | None = Field(default=None, description="the caller's own name for it, such as a claim number")
    vehicle: Vehicle = Vehicle()
    metadata: dict[Short, JsonValue] = Field(default_factory=dict, max_length=50, description="kept and given back")

    @field_validator("metadata")
    @classmethod
    def _is_json(cls, metadata: dict[str, JsonValue]) -> dict[str, JsonValue]:
        try:
            length = len(json.dumps(metadata, allow_nan=False, ensure_ascii=False).encode())
        except UnicodeEncodeError:
            raise ValueError("holds half a surrogate pair, which is no character") from None
        except ValueError:
            raise ValueError("holds NaN or an infinity, which JSON has not") from None
        if length > MAX_METADATA:
            raise ValueError(f"is {length} bytes long, and at most {MAX_METADATA} are kept")
        return metadata


class Inspection(Answer):
    """Several photos of one vehicle."""

    id: str
    reference: str | None
    vehicle: Vehicle
    metadata: dict[str, JsonValue]
    created_at: datetime
    updated_at: datetime
    review: Review
    images: list[ImageSummary] = Field(description="in the order in which they came")


class InspectionPage(Answer):
    """Inspections, newest first."""

    items: list[Inspection]
    next_cursor: str | None = Field(description="give it as ?cursor= for the next page; null: this is the last")
