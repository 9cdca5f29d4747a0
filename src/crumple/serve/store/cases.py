"""What the photos of each inspection add up to: kept as it was last told, and a queue of what is to be joined.

Whatever changes the content counts the case's `revision` up, in its own transaction. Content is told outside of any
transaction and kept unless the revision has moved on; so it is never older than its revision says, and a process that
dies in between costs a telling and nothing else.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select, update

from crumple.assessment.assessment import Assessment
from crumple.case.inspection import CaseContent
from crumple.case.observations import Followed
from crumple.serve.contract.events import Event
from crumple.serve.contract.inspections import Inspection
from crumple.serve.review.damages import CasePhoto, Told, image_events, told
from crumple.serve.review.findings import Reviewer
from crumple.serve.review.grouping import JoinedCase
from crumple.serve.store.database import Database
from crumple.serve.store.rows import inspection_of, read_events, read_inspection_row, read_summaries
from crumple.serve.store.tables import cases, images, inspections, now

log = logging.getLogger("crumple.serve")
LEASE = timedelta(seconds=60)  # unrenewed for so long, a case's server is taken for dead
PATIENCE = timedelta(minutes=10)  # photos that keep coming put joining off for so long, and no longer
IN_WORK = ("queued", "assessing")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One state of an inspection, with all that its damages are told from. in_work: photos that are not assessed."""

    inspection: Row[Any]
    case: Row[Any]
    photos: list[CasePhoto]
    in_work: int
    events: list[Event]
    reviewer: Reviewer

    def told(self, more: Sequence[Event] = ()) -> Told:
        """After `more` events. Raises ProblemError for those that cannot be."""
        return told(self.photos, self.joined, [*self.events, *more], self.reviewer)

    @cached_property
    def now(self) -> Told:
        """As it is."""
        return self.told()

    def image_events(self, image_id: str) -> list[Event]:
        """See `review.damages.image_events`."""
        return image_events(image_id, self.events)

    @property
    def joined(self) -> JoinedCase:
        """What joining found, the last time."""
        return JoinedCase.model_validate_json(self.case.joined) if self.case.joined else JoinedCase()


@dataclass(frozen=True, eq=False)
class CaseToJoin:
    """A case that was taken from the queue. attempts: this one included."""

    inspection_id: str
    wanted: int
    attempts: int


class Cases:
    """Tells inspections, and hands out those that are to be joined. debounce: seconds without anything new, first."""

    def __init__(self, database: Database, reviewer: Reviewer, debounce: float = 2.0) -> None:
        self._database, self._reviewer = database, reviewer
        self._debounce = timedelta(seconds=debounce)

    def get(self, inspection_id: str) -> Inspection:
        """An inspection with what its photos add up to, as of now. Raises ProblemError 404."""
        with self._database.read() as connection:
            row, kept = self.rows(connection, inspection_id)
            summaries = read_summaries(connection, [inspection_id])[inspection_id]
        if kept.rank and kept.status == "pending":
            self._hurry(inspection_id)
        if kept.told_revision == kept.revision:
            return inspection_of(row, kept, CaseContent.model_validate_json(kept.content), summaries)
        return self.refresh(inspection_id)

    def rows(self, connection: Connection, inspection_id: str) -> tuple[Row[Any], Row[Any]]:
        """Of `inspections` and of `cases`. Raises ProblemError 404."""
        row = read_inspection_row(connection, inspection_id)
        return row, connection.execute(select(cases).where(cases.c.inspection_id == inspection_id)).one()

    def refresh(self, inspection_id: str) -> Inspection:
        """Tell an inspection anew and keep that. Raises ProblemError 404."""
        with self._database.read() as connection:
            found = self.snapshot_in(connection, inspection_id)
            summaries = read_summaries(connection, [inspection_id])[inspection_id]
        content = found.now.content
        with self._database.write() as connection:
            keep(connection, inspection_id, found.case.revision, content)
        return inspection_of(found.inspection, found.case, content, summaries)

    def follow(self, inspection_id: str) -> None:
        """Tell an inspection anew after what is written already, and must not be refused any more.

        What goes wrong is logged; whoever reads the inspection next has it told then.
        """
        try:
            self.refresh(inspection_id)
        except Exception:
            log.exception("inspection %s could not be told", inspection_id)

    def stale(self) -> list[str]:
        """Inspections that changed and were not told since, because a process died in between."""
        query = select(cases.c.inspection_id).where(cases.c.told_revision < cases.c.revision, cases.c.status == "done")
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def free_all(self) -> None:
        """Give up what was being joined; for a server that knows that no other one is at work."""
        with self._database.write() as connection:
            connection.execute(update(cases).where(cases.c.lease_until.is_not(None)).values(lease_until=None))

    def take(self) -> CaseToJoin | None:
        """The case that has waited longest and has no photo in work, now being joined; None: there is none."""
        time = now()
        in_work = select(images.c.id).where(
            images.c.inspection_id == cases.c.inspection_id, images.c.status.in_(IN_WORK)
        )
        ready = (
            (cases.c.status == "pending")
            & (cases.c.changed_at <= time - self._debounce)
            & (cases.c.lease_until.is_(None) | (cases.c.lease_until < time))
            & (~in_work.exists() | (cases.c.pending_since < time - PATIENCE))
        )
        query = select(cases).where(ready).order_by(cases.c.rank, cases.c.changed_at).limit(1)
        with self._database.read() as connection:
            if connection.execute(query).first() is None:  # so that looking takes no writer's turn
                return None
        with self._database.write() as connection:
            row = connection.execute(query.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            values = {"lease_until": now() + LEASE, "attempts": row.attempts + 1}
            connection.execute(update(cases).where(cases.c.inspection_id == row.inspection_id).values(**values))
        return CaseToJoin(row.inspection_id, row.wanted, row.attempts + 1)

    def renew(self, taken: CaseToJoin) -> None:
        """It is still in work."""
        self._set(taken, lease_until=now() + LEASE)

    def later(self, taken: CaseToJoin, *, failed: bool) -> None:
        """Put it back: at once, or after a pause and with an attempt less if it failed."""
        if failed:
            self._set(taken, lease_until=now() + LEASE / 2)
        else:
            self._set(taken, lease_until=None, attempts=taken.attempts - 1)

    def snapshot(self, inspection_id: str) -> Snapshot:
        """One state of an inspection. Raises ProblemError 404."""
        with self._database.read() as connection:
            return self.snapshot_in(connection, inspection_id)

    def snapshot_in(self, connection: Connection, inspection_id: str) -> Snapshot:
        """The same on a connection that reads."""
        row, kept = self.rows(connection, inspection_id)
        columns = (images.c.id, images.c.created_at, images.c.photo, images.c.assessment, images.c.followed)
        mine = (images.c.inspection_id == inspection_id) & images.c.assessment.is_not(None)
        photos = [
            CasePhoto(
                one.id,
                one.created_at,
                one.photo,
                Assessment.model_validate_json(one.assessment),
                tuple(Followed(**followed) for followed in one.followed or ()),
            )
            for one in connection.execute(select(*columns).where(mine).order_by(images.c.id))
        ]
        in_work = select(func.count()).where(images.c.inspection_id == inspection_id, images.c.status.in_(IN_WORK))
        waiting = connection.scalar(in_work) or 0
        return Snapshot(row, kept, photos, waiting, read_events(connection, inspection_id), self._reviewer)

    def joined(self, taken: CaseToJoin, found: JoinedCase | None) -> None:
        """Keep what joining found; None: there was nothing new. What came meanwhile is joined after it."""
        with self._database.write() as connection:
            over = cases.c.wanted == taken.wanted
            values: dict[str, Any] = {
                "status": case((over, "done"), else_="pending"),
                "pending_since": case((over, None), else_=now()),
                "rank": 0,
                "attempts": 0,
                "lease_until": None,
                "revision": cases.c.revision + 1,
            }
            if found is not None:
                values["joined"] = found.model_dump_json()
            connection.execute(update(cases).where(cases.c.inspection_id == taken.inspection_id).values(**values))

    def _hurry(self, inspection_id: str) -> None:
        with self._database.write() as connection:
            connection.execute(update(cases).where(cases.c.inspection_id == inspection_id).values(rank=0))

    def _set(self, taken: CaseToJoin, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(cases).where(cases.c.inspection_id == taken.inspection_id).values(**values))


def new_case(connection: Connection, inspection_id: str) -> None:
    """The case of a new inspection: no photos, nothing to join."""
    counts = {"rank": 0, "wanted": 0, "attempts": 0, "revision": 1, "told_revision": 0}
    connection.execute(insert(cases).values(inspection_id=inspection_id, status="done", changed_at=now(), **counts))


def changed(connection: Connection, inspection_id: str, *, join: bool = False) -> None:
    """Note, in the transaction that does it, that something changes the content. join: it is something to join."""
    values: dict[str, Any] = {"revision": cases.c.revision + 1}
    if join:
        time = now()
        values |= {"status": "pending", "changed_at": time, "wanted": cases.c.wanted + 1, "attempts": 0, "rank": 0}
        values["pending_since"] = case((cases.c.pending_since.is_(None), time), else_=cases.c.pending_since)
    connection.execute(update(cases).where(cases.c.inspection_id == inspection_id).values(**values))


def keep(connection: Connection, inspection_id: str, revision: int, content: CaseContent) -> None:
    """Keep what was told of a revision, unless it is an old one by now."""
    connection.execute(select(inspections.c.id).where(inspections.c.id == inspection_id).with_for_update())
    mine = (cases.c.inspection_id == inspection_id) & (cases.c.revision == revision)
    values = {"content": content.model_dump_json(), "told_revision": revision}
    if not connection.execute(update(cases).where(mine).values(**values)).rowcount:
        return
    shown = [damage for damage in content.damages if damage.decision != "rejected"]
    first = shown[0].observations[0].photo if shown else content.photos[0].id if content.photos else None
    listed = {
        "totals": content.totals.model_dump(),
        "worst_severity": content.totals.worst_severity,
        "thumbnail": first,
    }
    connection.execute(update(inspections).where(inspections.c.id == inspection_id).values(**listed))
