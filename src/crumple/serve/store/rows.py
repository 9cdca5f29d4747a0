"""Rows of inspections, images and events, and the models of the contract that they are read into."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from crumple.serve.contract.events import Event
from crumple.serve.contract.images import ImageSummary
from crumple.serve.contract.inspections import Inspection, Vehicle
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import Review
from crumple.serve.store.tables import events, images, inspections, now


def missing(kind: str, name: str) -> ProblemError:
    """The problem of a thing that is not there."""
    return ProblemError(404, f"there is no {kind} {name}", field=f"{kind}_id")


def lock_inspection(connection: Connection, inspection_id: str) -> Row[Any]:
    """The inspection's row, which nobody else changes until this transaction ends. Raises ProblemError 404."""
    query = select(inspections).where(inspections.c.id == inspection_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise missing("inspection", inspection_id)
    return row


def touch(connection: Connection, inspection_id: str, **values: Any) -> None:
    """Note that an inspection changed just now."""
    query = update(inspections).where(inspections.c.id == inspection_id)
    connection.execute(query.values(updated_at=now(), **values))


def read_inspection(connection: Connection, inspection_id: str) -> Inspection:
    """Raises ProblemError 404."""
    row = connection.execute(select(inspections).where(inspections.c.id == inspection_id)).one_or_none()
    if row is None:
        raise missing("inspection", inspection_id)
    return inspection_of(row, read_summaries(connection, [inspection_id])[inspection_id])


def read_summaries(connection: Connection, inspection_ids: list[str]) -> dict[str, list[ImageSummary]]:
    """The images of inspections, in the order in which they came."""
    found: dict[str, list[ImageSummary]] = {name: [] for name in inspection_ids}
    columns = [column for column in images.c if column.name != "assessment"]
    query = select(*columns).where(images.c.inspection_id.in_(inspection_ids)).order_by(images.c.id)
    for row in connection.execute(query):
        found[row.inspection_id].append(summary_of(row))
    return found


def read_image_row(connection: Connection, inspection_id: str, image_id: str) -> Row[Any]:
    """Raises ProblemError 404."""
    query = select(images).where(images.c.id == image_id, images.c.inspection_id == inspection_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise missing("image", image_id)
    return row


def read_events(
    connection: Connection,
    inspection_id: str,
    image_id: str | None = None,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[Event]:
    """Events of an inspection, or of one image of it, in order, those with a number above `after`."""
    query = select(events).where(events.c.inspection_id == inspection_id, events.c.number > after)
    if image_id is not None:
        query = query.where(events.c.image_id == image_id)
    return [event_of(row) for row in connection.execute(query.order_by(events.c.number).limit(limit))]


def summary_of(row: Row[Any]) -> ImageSummary:
    """An image without what was found on it."""
    return ImageSummary(**{name: getattr(row, name) for name in ImageSummary.model_fields})


def inspection_of(row: Row[Any], photos: list[ImageSummary]) -> Inspection:
    """An inspection with its images."""
    return Inspection(
        id=row.id,
        reference=row.reference,
        vehicle=Vehicle(**row.vehicle),
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        review=Review(state=row.review_state, author=row.review_author, at=row.review_at),
        images=photos,
    )


def event_of(row: Row[Any]) -> Event:
    """An event."""
    named = ("id", "number", "inspection_id", "image_id", "kind", "author", "at", "before", "after")
    return Event.model_validate({name: getattr(row, name) for name in named} | row.edit)
