"""What people do to an inspection: edits of findings and of damages, and the end of a review. Every one is an event,
kept for good."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from crumple.assessment.assessment import Assessment
from crumple.serve.contract.damages import DamageEdit, EditedDamages
from crumple.serve.contract.events import Edit, Event, EventPage
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.inspections import Inspection
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import NewReview
from crumple.serve.review.damage_edits import damage_events, with_states
from crumple.serve.review.damages import Told, observed
from crumple.serve.review.findings import Reviewer, finding_of, undone
from crumple.serve.store.cases import Cases, Snapshot, changed, keep
from crumple.serve.store.database import Database
from crumple.serve.store.ids import new_id
from crumple.serve.store.repeats import Repeats
from crumple.serve.store.rows import (
    insert_event,
    inspection_of,
    lock_inspection,
    next_number,
    read_events,
    read_image_events,
    read_image_row,
    read_inspection_row,
    read_summaries,
    touch,
)
from crumple.serve.store.tables import now
from crumple.serve.store.webhooks import announce

TRIES = 5  # edits of others that come between
LEFT = "left undecided at the end of the review"
# Events, and what else is written to the inspection's row.
Planned = tuple[list[Event], dict[str, Any]]


class Edits:
    """Adds events, lists them, opens and closes reviews."""

    def __init__(self, database: Database, reviewer: Reviewer, cases: Cases) -> None:
        self._database, self._reviewer, self._cases = database, reviewer, cases

    def add(self, inspection_id: str, image_id: str, edit: Edit, key: str | None = None) -> Event:
        """One edit of a finding. Raises ProblemError: 404, 409 (not assessed yet, review finished, undone already),
        422."""
        repeats = Repeats(f"{image_id}/events", key, edit.model_dump_json())
        with self._database.write() as connection:
            inspection = lock_inspection(connection, inspection_id)
            image = read_image_row(connection, inspection_id, image_id)
            if made := repeats.find(connection):
                return _made(connection, inspection_id, made)[0]
            if inspection.review_state == "finished":
                raise ProblemError(409, "the review is finished; open it again to edit")
            if image.assessment is None:
                raise ProblemError(409, f"the image is {image.status}; only one that is done can be edited")
            event = Event(
                id=new_id("evt"),
                number=next_number(connection, inspection_id),
                inspection_id=inspection_id,
                image_id=image_id,
                at=now(),
                **edit.model_dump(),
            )
            history = read_image_events(connection, inspection_id, image_id)
            event = self._weigh(Assessment.model_validate_json(image.assessment), history, event)
            insert_event(connection, event)
            repeats.remember(connection, [event.id], inspection_id)
            touch(connection, inspection_id)
            changed(connection, inspection_id, join=event.kind == "add")
        self._cases.follow(inspection_id)
        return event

    def edit_damages(self, inspection_id: str, edit: DamageEdit, key: str | None = None) -> EditedDamages:
        """An edit of damages: all of its events or none.

        Raises ProblemError: 404, 409 (the damages changed since, review finished, undone already), 422.
        """
        repeats = Repeats(f"{inspection_id}/events", key, edit.model_dump_json())

        def plan(found: Snapshot) -> Planned:
            if found.inspection.review_state == "finished":
                raise ProblemError(409, "the review is finished; open it again to edit")
            if edit.version is not None and edit.version != found.case.revision:
                detail = f"the damages changed since version {edit.version}; read the inspection again"
                raise ProblemError(409, detail, field="version")
            return damage_events(found.now, found.events, edit, _new_event(found)), {}

        events, inspection = self._write(inspection_id, plan, repeats)
        return EditedDamages(events=events, inspection=inspection)

    def page(self, inspection_id: str, cursor: int, limit: int) -> EventPage:
        """Events after number `cursor`, in order. Raises ProblemError 404."""
        with self._database.read() as connection:
            read_inspection_row(connection, inspection_id)
            found = read_events(connection, inspection_id, after=cursor, limit=limit + 1)
        more = len(found) > limit
        return EventPage(items=found[:limit], next_cursor=str(found[limit - 1].number) if more else None)

    def newest(self, inspection_id: str) -> int:
        """The number of the last event; 0: there is none. Raises ProblemError 404."""
        with self._database.read() as connection:
            read_inspection_row(connection, inspection_id)
            return next_number(connection, inspection_id) - 1

    def review(self, inspection_id: str, new: NewReview) -> tuple[Inspection, list[Event]]:
        """Finish a review or open it again; nothing if that is its state. Raises ProblemError: 404, 409."""

        def plan(found: Snapshot) -> Planned:
            if found.inspection.review_state == new.state:
                return [], {}
            make = _new_event(found)
            events = _settling(found, new, make) if new.state == "finished" else []
            events.append(make(kind="finish" if new.state == "finished" else "reopen", author=new.author))
            values = {"review_state": new.state, "review_author": new.author, "review_at": events[-1].at}
            return events, values

        events, inspection = self._write(inspection_id, plan)
        return inspection, events

    def _write(
        self, inspection_id: str, plan: Callable[[Snapshot], Planned], repeats: Repeats | None = None
    ) -> tuple[list[Event], Inspection]:
        """Plan events on a snapshot, and write them if nothing came between; else again."""
        for _ in range(TRIES):
            with self._database.read() as connection:
                found = self._cases.snapshot_in(connection, inspection_id)
                made = repeats.find(connection) if repeats else None
                if made is not None:
                    return _made(connection, inspection_id, made), self._cases.get(inspection_id)
            events, values = plan(found)
            if not events:
                return [], self._cases.get(inspection_id)
            after = found.told(events)
            events = with_states(events, found.now, after)
            inspection = self._insert(found, events, values, after, repeats)
            if inspection is not None:
                return events, inspection
        raise ProblemError(409, "others edit the inspection at the same moment; send it again", retry_after=1)

    def _insert(
        self, found: Snapshot, events: Sequence[Event], values: dict[str, Any], after: Told, repeats: Repeats | None
    ) -> Inspection | None:
        """None: something came between, and nothing is written."""
        inspection_id, revision = found.inspection.id, found.case.revision + 1
        with self._database.write() as connection:
            lock_inspection(connection, inspection_id)
            row, kept = self._cases.rows(connection, inspection_id)
            if kept.revision != found.case.revision or kept.status != found.case.status:
                return None
            if row.review_state != found.inspection.review_state:
                return None
            if repeats is not None:
                if repeats.find(connection) is not None:
                    return None
                repeats.remember(connection, [event.id for event in events], inspection_id)
            for event in events:
                insert_event(connection, event)
            changed(connection, inspection_id)
            keep(connection, inspection_id, revision, after.content)
            touch(connection, inspection_id, **values)
            row, kept = self._cases.rows(connection, inspection_id)
            summaries = read_summaries(connection, [inspection_id])[inspection_id]
            inspection = inspection_of(row, kept, after.content, summaries)
            if events[-1].kind == "finish":
                announce(connection, "review.finished", {"inspection": inspection.model_dump(mode="json")})
        return inspection

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
        if target.observations is not None:
            detail = f"{target.id} is of damages; undo it at /v1/inspections/{event.inspection_id}/events"
            raise ProblemError(422, detail, field="undoes")
        if target.id in undone(history):
            raise ProblemError(409, f"{target.id} is undone already", field="undoes")
        try:
            then = {finding.id: finding for finding in self._reviewer.findings(assessment, [*history, event])}
        except ProblemError:
            detail = f"later edits build on {target.id}; undo those first"
            raise ProblemError(409, detail, field="undoes") from None
        name = str(target.finding_id)
        return event.model_copy(update={"finding_id": name, "before": standing.get(name), "after": then.get(name)})


def _settling(found: Snapshot, new: NewReview, make: Callable[..., Event]) -> list[Event]:
    """What becomes of the undecided damages when a review is finished. Raises ProblemError 409."""
    waiting = found.in_work
    if waiting:
        raise ProblemError(409, f"{waiting} photos are not assessed yet; finish the review after them")
    if found.case.status == "pending":
        detail = "its photos are still being compared with each other; finish the review in a moment"
        raise ProblemError(409, detail, retry_after=2)
    undecided = [damage for damage in found.now.content.damages if damage.decision == "open"]
    if not undecided or new.undecided == "leave":
        return []
    if new.undecided is None:
        told = "1 damage is" if len(undecided) == 1 else f"{len(undecided)} damages are"
        detail = f"{told} undecided; say undecided: leave, reject or confirm"
        raise ProblemError(409, detail, field="undecided")
    said = {"reason": "other", "text": LEFT} if new.undecided == "reject" else {"text": LEFT}
    return [
        make(kind=new.undecided, author=new.author, observations=observed(found.now.members(damage.id)), **said)
        for damage in undecided
    ]


def _new_event(found: Snapshot) -> Callable[..., Event]:
    """Makes the next events of an inspection, each with a number of its own, all of one moment."""
    number, time = found.events[-1].number if found.events else 0, now()

    def make(**fields: Any) -> Event:
        nonlocal number
        number += 1
        return Event(
            id=new_id("evt"), number=number, inspection_id=found.inspection.id, image_id=None, at=time, **fields
        )

    return make


def _made(connection: Connection, inspection_id: str, ids: Sequence[str]) -> list[Event]:
    """What an earlier request made."""
    return [one for one in read_events(connection, inspection_id) if one.id in ids]
