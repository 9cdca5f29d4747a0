"""Images that wait to be assessed: a queue in the database, so that nothing in it is lost with a process."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import Connection, func, select, update

from crumple.assessment.assessment import Assessment
from crumple.serve.contract.webhooks import WebhookEvent
from crumple.serve.store.cases import changed
from crumple.serve.store.database import Database
from crumple.serve.store.rows import read_image_row, summary_of, touch
from crumple.serve.store.tables import images, inspections, now
from crumple.serve.store.webhooks import announce

LEASE = timedelta(seconds=60)  # unrenewed for so long, an image's server is taken for dead
PAUSE = timedelta(seconds=30)  # before another attempt, when a bucket could not be read, say
ATTEMPTS = 10  # a photo that ends the process as often is not tried again


@dataclass(frozen=True)
class Waiting:
    """An image that was taken from the queue. photo: its file's name."""

    id: str
    inspection_id: str
    name: str
    sha256: str
    photo: str


class Backlog:
    """Takes images from the queue and puts down what became of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def free_all(self) -> None:
        """Put back what was being assessed; for a server that knows that no other one is at work."""
        with self._database.write() as connection:
            connection.execute(
                update(images).where(images.c.status == "assessing").values(status="queued", lease_until=None)
            )

    def waiting(self) -> int:
        """Images that are queued."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).where(images.c.status == "queued")) or 0

    def take(self) -> Waiting | None:
        """The image that has waited longest, now being assessed; None: there is none."""
        expired = (images.c.status == "assessing") & (images.c.lease_until < now())
        query = select(images).where((images.c.status == "queued") | expired).order_by(images.c.id).limit(1)
        with self._database.read() as connection:
            if connection.execute(query).first() is None:  # so that looking takes no writer's turn
                return None
        with self._database.write() as connection:
            while row := connection.execute(query.with_for_update(skip_locked=True)).first():
                if row.attempts < ATTEMPTS:
                    values = {"status": "assessing", "lease_until": now() + LEASE, "attempts": row.attempts + 1}
                    connection.execute(update(images).where(images.c.id == row.id).values(**values))
                    return Waiting(**{field.name: getattr(row, field.name) for field in fields(Waiting)})
                problem = f"given up after {ATTEMPTS} attempts; the service's log tells more"
                _settle(connection, row.inspection_id, row.id, "failed", problem=problem)
        return None

    def renew(self, image_ids: Collection[str]) -> None:
        """These are still in work."""
        mine = images.c.id.in_(image_ids) & (images.c.status == "assessing")
        with self._database.write() as connection:
            connection.execute(update(images).where(mine).values(lease_until=now() + LEASE))

    def done(self, image: Waiting, assessment: Assessment) -> None:
        """Keep what the model found; nothing happens if the image was deleted meanwhile."""
        with self._database.write() as connection:
            _settle(connection, image.inspection_id, image.id, "done", assessment=assessment.model_dump_json())

    def failed(self, image: Waiting, problem: str) -> None:
        """Keep why an image cannot be assessed."""
        with self._database.write() as connection:
            _settle(connection, image.inspection_id, image.id, "failed", problem=problem)

    def later(self, image: Waiting) -> None:
        """Try an image again in a while that could not be assessed through no fault of its own."""
        with self._database.write() as connection:
            mine = (images.c.id == image.id) & (images.c.status == "assessing")
            connection.execute(update(images).where(mine).values(lease_until=now() + PAUSE))


def _settle(connection: Connection, inspection_id: str, image_id: str, status: str, **values: str) -> None:
    connection.execute(select(inspections.c.id).where(inspections.c.id == inspection_id).with_for_update())
    mine = (images.c.id == image_id) & images.c.status.in_(("queued", "assessing"))
    values |= {"status": status}
    if connection.execute(update(images).where(mine).values(lease_until=None, **values)).rowcount:
        touch(connection, inspection_id)
        changed(connection, inspection_id, join=True)
        image = summary_of(read_image_row(connection, inspection_id, image_id))
        event: WebhookEvent = "image.assessed" if status == "done" else "image.failed"
        announce(connection, event, {"inspection_id": inspection_id, "image": image.model_dump(mode="json")})
