"""What goes over the wire: the pydantic models of the HTTP contract. docs/api.md shows them in use.

Names are those of the field's public inspection SDKs: inspection, image, view, part, damage, severity. Times are UTC,
ISO 8601. Polygons are COCO's: x1 y1 x2 y2 ... in pixels of the upright photo.
"""

import base64
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator, model_validator

from crumple.assess.assessment import Assessment, Finding, QualityCheck, Share
from crumple.serve.addresses import ForbiddenAddressError, host_and_port
from crumple.view import View

FORMAT: Literal["crumple-inspection-1"] = "crumple-inspection-1"

ImageStatus = Literal["queued", "assessing", "done", "failed"]
ReviewState = Literal["open", "finished"]
EditKind = Literal["confirm", "reject", "relabel", "place", "redraw", "add", "note", "undo"]
EventKind = Literal[EditKind, "finish", "reopen"]
Reason = Literal["dirt", "reflection", "shadow", "old_damage", "not_this_vehicle"]
WebhookEvent = Literal["image.assessed", "image.failed", "review.finished"]
DeliveryStatus = Literal["pending", "delivered", "dead"]

MAX_METADATA = 65_536

# PostgreSQL keeps no NUL in a text.
Short = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]+$")]
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Polygon = Annotated[list[Coordinate], Field(min_length=6, max_length=4000)]


class Answer(BaseModel):
    """Base of what the service says; a reader should ignore keys that it does not know."""

    model_config = ConfigDict(frozen=True)


class Request(BaseModel):
    """Base of what the service is told; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Review(Answer):
    """Whether people are done with an inspection, who said so and when."""

    state: ReviewState = "open"
    author: str | None = None
    at: datetime | None = None


class ImageSummary(Answer):
    """A photo of an inspection, without what was found on it."""

    id: str
    name: str
    sha256: str = Field(description="of the file as it was uploaded")
    width: int = Field(description="pixels, upright")
    height: int = Field(description="pixels, upright")
    status: ImageStatus
    problem: str | None = Field(default=None, description="why it failed, in one line")
    created_at: datetime


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


class Note(Answer):
    """What somebody wrote about a finding."""

    text: str
    author: str
    at: datetime


class ReviewedFinding(Finding):
    """A finding as it stands after review. What the model said of it stays in the image's assessment."""

    score: Share | None = Field(default=None, description="the model's; null: a person drew it")  # type: ignore[assignment]
    origin: Literal["model", "reviewer"] = "model"
    review: Literal["open", "confirmed", "rejected"] = "open"
    rejected_as: Reason | None = None
    edited: list[Literal["damage", "mask", "place"]] = Field(default_factory=list, description="what people changed")
    notes: list[Note] = Field(default_factory=list)


class Image(ImageSummary):
    """A photo of an inspection with what was found on it."""

    view: View | None = Field(
        default=None,
        description="from where the vehicle is seen, by its parts; detail: they tell none; null: unknown yet",
    )
    quality: list[QualityCheck] = Field(default_factory=list, description="whether it can be judged at all")
    assessment: Assessment | None = Field(default=None, description="the model's own answer; never changed")
    findings: list[ReviewedFinding] = Field(default_factory=list, description="as they stand after review")


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


class NewReview(Request):
    """The body of POST .../review."""

    state: ReviewState
    author: Short


class InspectionDocument(Answer):
    """Everything about one inspection: what GET .../export?format=json gives."""

    format: Literal["crumple-inspection-1"] = FORMAT
    inspection: Inspection
    images: list[Image]
    events: list[Event]


class NewWebhook(Request):
    """The body of POST /v1/webhooks."""

    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")]
    events: list[WebhookEvent] = Field(default=["image.assessed", "image.failed", "review.finished"], min_length=1)
    secret: Annotated[str, StringConstraints(min_length=16, max_length=200, pattern=r"^[!-~]+$")] | None = Field(
        default=None, description="the key that deliveries are signed with; whsec_...: in base64; null: one is made"
    )

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        try:
            host_and_port(url)
        except ForbiddenAddressError as error:
            raise ValueError(str(error)) from None
        return url

    @field_validator("secret")
    @classmethod
    def _is_key(cls, secret: str | None) -> str | None:
        if secret is not None and secret.startswith("whsec_"):
            try:
                base64.b64decode(secret.removeprefix("whsec_"), validate=True)
            except ValueError:
                raise ValueError("after whsec_ it must be base64") from None
        return secret


class Webhook(Answer):
    """Where the service tells of what happened."""

    id: str
    url: str
    events: list[WebhookEvent]
    created_at: datetime


class WebhookWithSecret(Webhook):
    """A webhook just made: the only time its secret is told."""

    secret: str


class Delivery(Answer):
    """One message to one webhook, and how it went."""

    id: str
    webhook_id: str
    event: WebhookEvent
    status: DeliveryStatus = Field(description="dead: given up after the last attempt; redeliver tries again")
    attempts: int
    next_attempt_at: datetime | None
    answer: str | None = Field(description="what came of the last attempt")
    created_at: datetime
    payload: dict[str, Any]


class DeliveryPage(Answer):
    """Deliveries of a webhook, newest first."""

    items: list[Delivery]
    next_cursor: str | None


class FieldProblem(Answer):
    """What is wrong with one field of a request."""

    field: str
    detail: str


class Problem(Answer):
    """A problem document, RFC 9457: the body of every answer that is no success."""

    type: str = Field(default="about:blank", description="what kind of problem, see docs/api.md")
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[FieldProblem] = Field(default_factory=list)
