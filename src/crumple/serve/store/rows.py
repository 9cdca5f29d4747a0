"""Rows of inspections, images and events, and the models of the contract that they are read into."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from crumple.case.inspection import CaseContent, Totals
from crumple.serve.contract.events import Event
from crumple.serve.contract.images import ImageSummary
from crumple.serve.contract.inspections import Inspection, InspectionSummary, Vehicle
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import Review
from crumple.serve.review.damages import image_events
from crumple.serve.store.tables import events, images, inspections, now

# What an event says besides its columns.
SAID = tuple(
    name
    for name in Event.model_fields
    if name not in ("id", "number", "inspection_id", "image_id", "kind", "author", "at", "before", "after")
)
NOTHING = Totals(damages=0, doubtful=0, panels_affected=0, worst_severity=None, undecided=0)


def missing(kind: str, name: str) -> ProblemError:
    """The problem of a thing that is not there."""
    return ProblemError(404, f"there is no {kind} {name}", field=f"{kind}_id")


def read_inspection_row(connection: Connection, inspection_id: str) -> Row[Any]:
    """Raises ProblemError 404."""
    row = connection.execute(select(inspections).where(inspections.c.id == inspection_id)).one_or_none()
    if row is None:
        raise missing("inspection", inspection_id)
    return row


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


def read_events(connection: Connection, inspection_id: str, *, after: int = 0, limit: int | None = None) -> list[Event]:
    """Events of an inspection, in order, those with a number above `after`."""
    query = select(events).where(events.c.inspection_id == inspection_id, events.c.number > after)
    return [event_of(row) for row in connection.execute(query.order_by(events.c.number).limit(limit))]


def read_image_events(connection: Connection, inspection_id: str, image_id: str) -> list[Event]:
    """The events that make the findings of one image, in order: see `image_events`."""
    mine = (events.c.image_id == image_id) | events.c.image_id.is_(None)
    query = select(events).where(events.c.inspection_id == inspection_id, mine).order_by(events.c.number)
    return image_events(image_id, [event_of(row) for row in connection.execute(query)])


def next_number(connection: Connection, inspection_id: str) -> int:
    """Of the inspection's next event."""
    query = select(events.c.number).where(events.c.inspection_id == inspection_id)
    return (connection.scalar(query.order_by(events.c.number.desc()).limit(1)) or 0) + 1


def insert_event(connection: Connection, event: Event) -> None:
    """Keep an event."""
    row = event.model_dump(mode="json")
    named = ("id", "number", "inspection_id", "image_id", "kind", "author", "before", "after")
    said = {name: row[name] for name in SAID if row[name] is not None}
    connection.execute(insert(events).values(**{name: row[name] for name in named}, at=event.at, edit=said))


def summary_of(row: Row[Any]) -> ImageSummary:
    """An image without what was found on it."""
    return ImageSummary(**{name: getattr(row, name) for name in ImageSummary.model_fields})


def inspection_of(row: Row[Any], kept: Row[Any], content: CaseContent, summaries: list[ImageSummary]) -> Inspection:
    """An inspection with its images and what they add up to. kept: its row of `cases`."""
    said = _particulars(row)
    return Inspection(**dict(content), **said, case_status=kept.status, case_version=kept.revision, images=summaries)


def short_of(row: Row[Any], kept: Any, photos: int, first: str | None) -> InspectionSummary:
    """An inspection in short. kept: its row of `cases`. first: id of its first image."""
    return InspectionSummary(
        **_particulars(row),
        case_status=kept.status,
        case_version=kept.revision,
        totals=Totals.model_validate(row.totals) if row.totals else NOTHING,
        photos=photos,
        thumbnail=row.thumbnail or first,
    )


def search_text(reference: str | None, vehicle: Vehicle) -> str:
    """What a search looks in."""
    said = (reference, vehicle.plate, vehicle.vin, vehicle.make, vehicle.model)
    return "\n".join(word for word in said if word).casefold()


def _particulars(row: Row[Any]) -> dict[str, Any]:
    named = ("id", "reference", "kind", "taken_from", "taken_until", "place", "mileage", "metadata")
    return {name: getattr(row, name) for name in (*named, "created_at", "updated_at")} | {
        "vehicle": Vehicle(**row.vehicle),
        "review": Review(state=row.review_state, author=row.review_author, at=row.review_at),
    }


def event_of(row: Row[Any]) -> Event:
    """An event."""
    named = ("id", "number", "inspection_id", "image_id", "kind", "author", "at", "before", "after")
    return Event.model_validate({name: getattr(row, name) for name in named} | row.edit)
