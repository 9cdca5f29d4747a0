"""Webhooks: where the service tells of what happened, and how that went."""

import base64
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from crumple.serve.contract.base import Answer, Request
from crumple.serve.contract.urls import ForbiddenAddressError, host_and_port

WebhookEvent = Literal["image.assessed", "image.failed", "review.finished"]
DeliveryStatus = Literal["pending", "delivered", "dead"]


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
