"""Webhooks: where the service tells of what happened, and how that went."""

from typing import Annotated

from fastapi import APIRouter, Query

from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.webhooks import (
    Delivery,
    DeliveryPage,
    DeliveryStatus,
    NewWebhook,
    Webhook,
    WebhookWithSecret,
)
from crumple.serve.http.routes.parameters import Cursor, DeliveryId, Kept, Limit, ThisService, WebhookId
from crumple.serve.work.addresses import leads_inside

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


@router.post("", status_code=201, summary="Add a webhook")
def create_webhook(service: ThisService, kept: Kept, new: NewWebhook) -> WebhookWithSecret:
    """The answer is the only one that tells its secret. A URL that leads to a private address is refused with 422."""
    if not service.settings.webhook_private and leads_inside(new.url):
        raise ProblemError(422, f"{new.url:.200}: leads to an address that is not public", field="url")
    return kept.webhooks.create(new)


@router.get("", summary="List webhooks")
def list_webhooks(kept: Kept) -> list[Webhook]:
    """Oldest first."""
    return kept.webhooks.all()


@router.delete("/{webhook_id}", status_code=204, summary="Delete a webhook with its deliveries")
def delete_webhook(kept: Kept, webhook_id: WebhookId) -> None:
    """What was not yet delivered to it never is."""
    kept.webhooks.delete(webhook_id)


@router.get("/{webhook_id}/deliveries", summary="List deliveries")
def list_deliveries(
    kept: Kept,
    webhook_id: WebhookId,
    status: Annotated[DeliveryStatus | None, Query(description="dead: those that were given up")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveryPage:
    """Newest first."""
    return kept.webhooks.deliveries(webhook_id, status, cursor, limit)


@router.post("/{webhook_id}/deliveries/{delivery_id}/redeliver", status_code=202, summary="Send a delivery again")
def redeliver(kept: Kept, webhook_id: WebhookId, delivery_id: DeliveryId) -> Delivery:
    """At once, and with all its attempts before it."""
    delivery = kept.webhooks.redeliver(webhook_id, delivery_id)
    kept.deliver()
    return delivery
