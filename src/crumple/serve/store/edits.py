"""What people do to an inspection: edits of findings, and the end of a review. Every one is an event, kept for good."""

from sqlalchemy import Connection, insert, select

from crumple.assessment.assessment import Assessment
from crumple.serve.contract.events import Edit, Event, EventPage
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.inspections import Inspection
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import NewReview
from crumple.serve.review.findings import Reviewer, finding_of, undone
from crumple.serve.store.database import Database
from crumple.serve.store.ids import new_id
from crumple.serve.store.repeats import Repeats
from crumple.serve.store.rows import lock_inspection, read_events, read_image_row, read_inspection, touch
from crumple.serve.store.tables import events, now
from crumple.serve.store.webhooks import announce

_UNDONE = ("queued", "assessing")
_SAID = ("finding_id", "reason", "damage", "places", "polygons", "text", "undoes")


class Edits:
    """Adds events, lists them, opens and closes reviews."""

    def __init__(self, database: Database, reviewer: Reviewer) -> None:
        self._database, self._reviewer = database, reviewer

    def add(self, inspection_id: str, image_id: str, edit: Edit, key: str | None = None) -> Event:
        """One edit. Raises ProblemError: 404, 409 (not assessed yet, review finished, undone already), 422."""
        repeats = Repeats(f"{image_id}/events", key, edit.model_dump_json())
        with self._database.write() as connection:
            inspection = lock_inspection(connection, inspection_id)
            image = read_image_row(connection, inspection_id, image_id)
            if made := repeats.find(connection):
                return next(one for one in read_events(connection, inspection_id, image_id) if one.id == made[0])
            if inspection.review_state == "finished":
                raise ProblemError(409, "the review is finished; open it again to edit")
            if image.assessment is None:
                raise ProblemError(409, f"the image is {image.status}; only one that is done can be edited")
            said = edit.model_dump(include=set(_SAID))
            event = Event(
                id=new_id("evt"),
                number=_next_number(connection, inspection_id),
                inspection_id=inspection_id,
                image_id=image_id,
                kind=edit.kind,
                author=edit.author,
                at=now(),
                **said,
            )
            history = read_events(connection, inspection_id, image_id)
            event = self._weigh(Assessment.model_validate_json(image.assessment), history, event)
            _insert(connection, event)
            repeats.remember(connection, [event.id], inspection_id)
            touch(connection, inspection_id)
        return event

    def page(self, inspection_id: str, cursor: int, limit: int) -> EventPage:
        """Events after number `cursor`, in order. Raises ProblemError 404."""
        with self._database.read() as connection:
            read_inspection(connection, inspection_id)
            found = read_events(connection, inspection_id, after=cursor, limit=limit + 1)
        more = len(found) > limit
        return EventPage(items=found[:limit], next_cursor=str(found[limit - 1].number) if more else None)

    def review(self, inspection_id: str, new: NewReview) -> tuple[Inspection, Event | None]:
        """Finish a review or open it again; nothing if that is its state. Raises ProblemError: 404, 409."""
        with self._database.write() as connection:
            inspection = lock_inspection(connection, inspection_id)
            if inspection.review_state == new.state:
                return read_inspection(connection, inspection_id), None
            waiting = [one for one in read_inspection(connection, inspection_id).images if one.status in _UNDONE]
            if waiting and new.state == "finished":
                raise ProblemError(409, f"{len(waiting)} photos are not assessed yet; finish the review after them")
            event = Event(
                id=new_id("evt"),
                number=_next_number(connection, inspection_id),
                inspection_id=inspection_id,
                image_id=None,
                kind="finish" if new.state == "finished" else "reopen",
                author=new.author,
                at=now(),
            )
            _insert(connection, event)
            values = {"review_state": new.state, "review_author": event.author, "review_at": event.at}
            touch(connection, inspection_id, **values)
            after = read_inspection(connection, inspection_id)
            if new.state == "finished":
                announce(connection, "review.finished", {"inspection": after.model_dump(mode="json")})
        return after, event

    def _weigh(self, assessment: Assessment, history: list[Event], event: Event) -> Event:
        """The event with the finding before and after it."""
        standing = {finding.id: finding for finding in self._reviewer.findings(assessment, history)}
        if event.kind != "undo":
            before = None if event.kind == "add" else standing.get(finding_of(event))
            after: ReviewedFinding | None = self._reviewer.apply(assessment, before, event)
            return event.model_copy(update={"finding_id": finding_of(event), "before": before, "after": after})
        target = next((one for one in history if one.id == event.undoes), None)
        if target is None:
            raise ProblemError(404, f"the image has no event {event.undoes}", field="undoes")
        if target.id in undone(history):
            raise ProblemError(409, f"{target.id} is undone already", field="undoes")
        try:
            then = {finding.id: finding for finding in self._reviewer.findings(assessment, [*history, event])}
        except ProblemError:
            detail = f"later edits build on {target.id}; undo those first"
            raise ProblemError(409, detail, field="undoes") from None
        name = str(target.finding_id)
        return event.model_copy(update={"finding_id": name, "before": standing.get(name), "after": then.get(name)})


def _next_number(connection: Connection, inspection_id: str) -> int:
    query = select(events.c.number).where(events.c.inspection_id == inspection_id)
    return (connection.scalar(query.order_by(events.c.number.desc()).limit(1)) or 0) + 1


def _insert(connection: Connection, event: Event) -> None:
    row = event.model_dump(mode="json")
    named = ("id", "number", "inspection_id", "image_id", "kind", "author", "before", "after")
    edit = {name: row[name] for name in _SAID if row[name] is not None}
    connection.execute(insert(events).values(**{name: row[name] for name in named}, at=event.at, edit=edit))
