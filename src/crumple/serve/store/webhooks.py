"""Webhooks and their deliveries. A delivery is written in the transaction of what it tells: both or neither."""

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from crumple.serve.contract.webhooks import (
    Delivery,
    DeliveryPage,
    DeliveryStatus,
    NewWebhook,
    Webhook,
    WebhookEvent,
    WebhookWithSecret,
)
from crumple.serve.store.database import Database
from crumple.serve.store.ids import new_id
from crumple.serve.store.rows import missing
from crumple.serve.store.tables import deliveries, now, webhooks

LEASE = timedelta(minutes=2)  # after which the server that took a delivery is taken for dead


@dataclass(frozen=True)
class DueDelivery:
    """A delivery to be sent now. attempts: this one included."""

    id: str
    url: str
    secret: str
    payload: dict[str, Any]
    attempts: int


class Webhooks:
    """Makes, lists and deletes webhooks; hands out deliveries and notes how they went."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, new: NewWebhook) -> WebhookWithSecret:
        """The one time that the secret is told."""
        secret = new.secret or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        webhook = WebhookWithSecret(id=new_id("hook"), url=new.url, events=new.events, created_at=now(), secret=secret)
        with self._database.write() as connection:
            connection.execute(insert(webhooks).values(**webhook.model_dump()))
        return webhook

    def all(self) -> list[Webhook]:
        """Oldest first, without their secrets."""
        with self._database.read() as connection:
            rows = connection.execute(select(webhooks).order_by(webhooks.c.id)).all()
        return [Webhook(id=row.id, url=row.url, events=row.events, created_at=row.created_at) for row in rows]

    def delete(self, webhook_id: str) -> None:
        """With its deliveries. Raises ProblemError 404."""
        with self._database.write() as connection:
            if not connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id)).rowcount:
                raise missing("webhook", webhook_id)

    def deliveries(
        self, webhook_id: str, status: DeliveryStatus | None, cursor: str | None, limit: int
    ) -> DeliveryPage:
        """Deliveries of a webhook before `cursor`, newest first. Raises ProblemError 404."""
        query = select(deliveries).where(deliveries.c.webhook_id == webhook_id).order_by(deliveries.c.id.desc())
        if status:
            query = query.where(deliveries.c.status == status)
        if cursor:
            query = query.where(deliveries.c.id < cursor)
        with self._database.read() as connection:
            if connection.scalar(select(webhooks.c.id).where(webhooks.c.id == webhook_id)) is None:
                raise missing("webhook", webhook_id)
            rows = connection.execute(query.limit(limit + 1)).all()
        items = [_delivery(row) for row in rows[:limit]]
        return DeliveryPage(items=items, next_cursor=items[-1].id if len(rows) > limit else None)

    def redeliver(self, webhook_id: str, delivery_id: str) -> Delivery:
        """Send a delivery again, from the first attempt on, dead or not. Raises ProblemError 404."""
        mine = (deliveries.c.id == delivery_id) & (deliveries.c.webhook_id == webhook_id)
        with self._database.write() as connection:
            values = {"status": "pending", "attempts": 0, "next_attempt_at": now()}
            connection.execute(update(deliveries).where(mine).values(**values))
            row = connection.execute(select(deliveries).where(mine)).one_or_none()
        if row is None:
            raise missing("delivery", delivery_id)
        return _delivery(row)

    def take(self) -> DueDelivery | None:
        """A delivery that is due, now being sent; None: there is none."""
        due = (deliveries.c.status == "pending") & (deliveries.c.next_attempt_at <= now())
        query = select(deliveries).where(due).order_by(deliveries.c.next_attempt_at).limit(1)
        with self._database.read() as connection:
            if connection.execute(query).first() is None:
                return None
        with self._database.write() as connection:
            row = connection.execute(query.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            values = {"attempts": row.attempts + 1, "next_attempt_at": now() + LEASE}
            connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(**values))
            webhook = connection.execute(select(webhooks).where(webhooks.c.id == row.webhook_id)).one()
        return DueDelivery(row.id, webhook.url, webhook.secret, row.payload, row.attempts + 1)

    def settle(self, delivery: DueDelivery, answer: str, status: DeliveryStatus, wait: float = 0) -> None:
        """Note how an attempt went. wait: seconds until the next one, while it is pending."""
        again = now() + timedelta(seconds=wait) if status == "pending" else None
        values = {"status": status, "answer": answer, "next_attempt_at": again}
        with self._database.write() as connection:
            connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**values))

    def dead(self) -> int:
        """Deliveries that were given up."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).where(deliveries.c.status == "dead")) or 0


def announce(connection: Connection, event: WebhookEvent, data: dict[str, Any]) -> None:
    """Queue a delivery to every webhook that asked for this kind of event."""
    for row in connection.execute(select(webhooks)).all():
        if event in row.events:
            time = now()
            delivery_id = new_id("dlv")
            payload = {"id": delivery_id, "type": event, "timestamp": time.isoformat(), "data": data}
            connection.execute(
                insert(deliveries).values(
                    id=delivery_id,
                    webhook_id=row.id,
                    event=event,
                    payload=payload,
                    status="pending",
                    attempts=0,
                    next_attempt_at=time,
                    created_at=time,
                )
            )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in Delivery.model_fields})
