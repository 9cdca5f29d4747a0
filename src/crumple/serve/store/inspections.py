"""Inspections and their images, as rows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic_core import to_jsonable_python
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select

from crumple.assessment.assessment import Assessment, ModelReference, Severity
from crumple.case.pipeline import MAX_PHOTOS
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.images import Image, ImageSummary
from crumple.serve.contract.inspections import (
    Inspection,
    InspectionChanges,
    InspectionPage,
    InspectionSummary,
    NewInspection,
    Vehicle,
    check_times,
)
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import ReviewState
from crumple.serve.contract.uploads import Job
from crumple.serve.review.findings import Reviewer
from crumple.serve.store.cases import Cases, changed, new_case
from crumple.serve.store.database import Database
from crumple.serve.store.ids import new_id
from crumple.serve.store.photos import KeptPhoto, PhotoStore
from crumple.serve.store.repeats import Repeats
from crumple.serve.store.rows import (
    insert_event,
    inspection_of,
    lock_inspection,
    missing,
    next_number,
    read_image_events,
    read_image_row,
    read_inspection_row,
    read_summaries,
    search_text,
    short_of,
    summary_of,
    touch,
)
from crumple.serve.store.tables import cases, dropped, images, inspections, now


@dataclass(frozen=True)
class Search:
    """Which inspections are looked for; None: any. since, until: when they were made, until not included."""

    text: str | None = None
    state: ReviewState | None = None
    severity: Severity | Literal["none"] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on rows."""
        found: list[ColumnElement[bool]] = []
        if self.text:
            found.append(inspections.c.search.contains(self.text.casefold(), autoescape=True))
        if self.state:
            found.append(inspections.c.review_state == self.state)
        if self.severity == "none":
            found.append(inspections.c.worst_severity.is_(None))
        elif self.severity:
            found.append(inspections.c.worst_severity == self.severity)
        if self.since:
            found.append(inspections.c.created_at >= self.since)
        if self.until:
            found.append(inspections.c.created_at < self.until)
        return found


class Inspections:
    """Makes, lists, reads, changes and deletes inspections, and takes photos for them.

    Args:
        backlog: photos that may wait to be assessed. model: the one that assesses, for exports without a photo.
    """

    def __init__(
        self,
        database: Database,
        photos: PhotoStore,
        reviewer: Reviewer,
        cases: Cases,
        *,
        backlog: int,
        model: ModelReference,
    ) -> None:
        self._database, self._photos, self._reviewer, self._cases = database, photos, reviewer, cases
        self._backlog, self._model = backlog, model

    def create(self, new: NewInspection, key: str | None = None) -> Inspection:
        """A new inspection; with a key that was used before, the one made then."""
        repeats = Repeats("inspections", key, new.model_dump_json())
        with self._database.write() as connection:
            made = repeats.find(connection)
            if made is None:
                made = [new_id("ins")]
                time = now()
                connection.execute(
                    insert(inspections).values(
                        **new.model_dump(),
                        id=made[0],
                        created_at=time,
                        updated_at=time,
                        review_state="open",
                        search=search_text(new.reference, new.vehicle),
                    )
                )
                new_case(connection, made[0])
                repeats.remember(connection, made, made[0])
        return self._cases.get(made[0])

    def page(self, search: Search, cursor: str | None, limit: int) -> InspectionPage:
        """Inspections before `cursor`, newest first."""
        query = select(inspections.c.id).where(*search.conditions()).order_by(inspections.c.id.desc()).limit(limit + 1)
        if cursor:
            query = query.where(inspections.c.id < cursor)
        with self._database.read() as connection:
            found = list(connection.scalars(query))  # first alone: an index has all that a search looks at
            wanted = select(inspections).where(inspections.c.id.in_(found)).order_by(inspections.c.id.desc())
            rows = connection.execute(wanted).all()
            items = _short(connection, rows[:limit])
        return InspectionPage(items=items, next_cursor=items[-1].id if len(rows) > limit else None)

    def get(self, inspection_id: str) -> Inspection:
        """With what its photos add up to. Raises ProblemError 404."""
        return self._cases.get(inspection_id)

    def short(self, inspection_id: str) -> tuple[InspectionSummary, list[ImageSummary]]:
        """In short, and its images. Raises ProblemError 404."""
        with self._database.read() as connection:
            row = read_inspection_row(connection, inspection_id)
            return _short(connection, [row])[0], read_summaries(connection, [inspection_id])[inspection_id]

    def change(self, inspection_id: str, changes: InspectionChanges, author: str) -> Inspection:
        """Change what the caller says of it; an event tells what was changed. Raises ProblemError 404, 422."""
        given = changes.model_dump(exclude_unset=True)
        with self._database.write() as connection:
            row = lock_inspection(connection, inspection_id)
            if "vehicle" in given:
                given["vehicle"] = {**row.vehicle, **given["vehicle"]} if given["vehicle"] else {}
            if given.get("metadata", ...) is None:
                given["metadata"] = {}
            values = {name: given.get(name, getattr(row, name)) for name in InspectionChanges.model_fields}
            try:
                check_times(values["taken_from"], values["taken_until"])
            except ValueError as error:
                field, detail = str(error).split(": ", 1)
                raise ProblemError(422, detail, field=field) from None
            before, after = _changes({name: getattr(row, name) for name in given}, given)
            if before:
                search = search_text(values["reference"], Vehicle(**values["vehicle"]))
                touch(connection, inspection_id, **given, search=search)
                told = to_jsonable_python({"particulars_before": before, "particulars_after": after})
                _record(connection, inspection_id, None, kind="particulars_changed", author=author, **told)
        return self._cases.get(inspection_id)

    def delete(self, inspection_id: str) -> None:
        """With its images, events and photos. Raises ProblemError 404."""
        with self._database.write() as connection:
            if not connection.execute(delete(inspections).where(inspections.c.id == inspection_id)).rowcount:
                raise missing("inspection", inspection_id)
            connection.execute(insert(dropped).values(id=inspection_id))
        self._drop_photos(inspection_id)

    def finish_deleting(self) -> None:
        """Delete the photos of what an earlier process deleted and then died."""
        with self._database.read() as connection:
            rows = connection.execute(select(dropped)).all()
        for row in rows:
            if row.photo is None:
                self._drop_photos(row.id)
            else:
                self._drop_photo(row.id, row.photo)

    def _drop_photos(self, inspection_id: str) -> None:
        self._photos.drop(inspection_id)
        with self._database.write() as connection:
            connection.execute(delete(dropped).where(dropped.c.id == inspection_id))

    def delete_photo(self, inspection_id: str, image_id: str, author: str, text: str | None = None) -> Event:
        """A photo goes, and its findings with it; that it was there stays as an event. Raises ProblemError 404, 409."""
        with self._database.write() as connection:
            inspection = lock_inspection(connection, inspection_id)
            image = read_image_row(connection, inspection_id, image_id)
            if inspection.review_state == "finished":
                raise ProblemError(409, "the review is finished; open it again to delete photos")
            said = {"author": author, "text": text, "photo_name": image.name}
            event = _record(connection, inspection_id, image_id, kind="photo_deleted", **said)
            connection.execute(delete(images).where(images.c.id == image_id))
            connection.execute(insert(dropped).values(id=image_id, photo=image.photo))
            changed(connection, inspection_id)
            touch(connection, inspection_id)
        self._drop_photo(image_id, image.photo)
        self._cases.follow(inspection_id)
        return event

    def _drop_photo(self, image_id: str, photo: str) -> None:
        """Delete a photo's file, unless it is that of another image too: only their metadata differed then."""
        with self._database.write() as connection:
            # Whoever adds the same photo again at this moment has its turn before or after this; see `add_photos`.
            query = select(inspections.c.id).where(inspections.c.id == photo.partition("/")[0])
            connection.execute(query.with_for_update())
            if connection.scalar(select(images.c.id).where(images.c.photo == photo).limit(1)) is None:
                self._photos.drop_photo(photo)
            connection.execute(delete(dropped).where(dropped.c.id == image_id))

    def add_photos(self, inspection_id: str, jobs: Sequence[Job], key: str | None = None) -> list[Image]:
        """Take photos, to be assessed later. Once this returns, nothing but `delete` loses them.

        The same photo again is the same image. Raises ProblemError 404, 422 (the key belongs to other photos), 503 (too
        many wait), 409 (its review is finished, or it has too many photos), PhotoError.
        """
        shas = [hashlib.sha256(job.data).hexdigest() for job in jobs]
        repeats = Repeats(f"{inspection_id}/images", key, json.dumps(shas))
        with self._database.read() as connection:
            read_inspection_row(connection, inspection_id)
            if made := repeats.find(connection):
                return self._images(connection, inspection_id, made)
            waiting = connection.scalar(select(func.count()).where(images.c.status == "queued")) or 0
        if waiting + len(jobs) > self._backlog:
            raise ProblemError(503, f"{waiting} photos wait to be assessed; come again later", retry_after=30)
        # First the photo, then its row: a row without its photo could not be assessed, a photo without its row is
        # nobody's, and goes with the inspection.
        kept = [self._photos.keep(inspection_id, job.data) for job in jobs]
        try:
            with self._database.write() as connection:
                inspection = lock_inspection(connection, inspection_id)
                made = repeats.find(connection)
                if made is None:
                    if inspection.review_state == "finished":
                        raise ProblemError(409, "the review is finished; open it again to add photos")
                    _check_room(connection, inspection_id, shas)
                    for job, photo in zip(jobs, kept, strict=True):
                        if not self._photos.has(photo.name):  # the same photo was deleted just now
                            self._photos.keep(inspection_id, job.data)
                    made = [_insert(connection, inspection_id, *one) for one in zip(jobs, shas, kept, strict=True)]
                    repeats.remember(connection, made, inspection_id)
                    touch(connection, inspection_id)
                    changed(connection, inspection_id, join=True)
                return self._images(connection, inspection_id, made)
        except ProblemError as error:
            if error.status == 404:  # it was deleted meanwhile
                self._photos.drop(inspection_id)
            raise

    def image(self, inspection_id: str, image_id: str) -> Image:
        """An image with its findings after review. Raises ProblemError 404."""
        with self._database.read() as connection:
            return self._image(connection, inspection_id, image_id)

    def photo(self, inspection_id: str, image_id: str) -> bytes:
        """The photo as it is kept. Raises ProblemError 404."""
        with self._database.read() as connection:
            row = read_image_row(connection, inspection_id, image_id)
        try:
            return self._photos.read(row.photo)
        except FileNotFoundError:  # deleted just now
            raise missing("image", image_id) from None

    def thumbnail(self, inspection_id: str, image_id: str) -> bytes:
        """The photo as a small JPEG. Raises ProblemError 404, PhotoError."""
        with self._database.read() as connection:
            row = read_image_row(connection, inspection_id, image_id)
        try:
            return self._photos.thumbnail(row.photo)
        except FileNotFoundError:  # deleted just now
            raise missing("image", image_id) from None

    def document(self, inspection_id: str) -> InspectionDocument:
        """All of an inspection, in one state. Raises ProblemError 404."""
        with self._database.read() as connection:
            found = self._cases.snapshot_in(connection, inspection_id)
            summaries = read_summaries(connection, [inspection_id])[inspection_id]
        inspection = inspection_of(found.inspection, found.case, found.now.content, summaries)
        assessed = {photo.id: photo.assessment for photo in found.photos}
        photos = [self._image_of(one, assessed.get(one.id), found.image_events(one.id)) for one in summaries]
        model = found.photos[-1].assessment.model if found.photos else self._model
        name = inspection.reference or inspection.vehicle.plate or inspection.id
        return InspectionDocument(**dict(inspection) | {"images": photos}, name=name, model=model, events=found.events)

    def _images(self, connection: Connection, inspection_id: str, image_ids: Sequence[str]) -> list[Image]:
        """Those of them that there still are."""
        found = []
        for image_id in image_ids:
            with suppress(ProblemError):
                found.append(self._image(connection, inspection_id, image_id))
        return found

    def _image(self, connection: Connection, inspection_id: str, image_id: str) -> Image:
        row = read_image_row(connection, inspection_id, image_id)
        if row.assessment is None:
            return self._image_of(summary_of(row), None, [])
        assessment = Assessment.model_validate_json(row.assessment)
        return self._image_of(summary_of(row), assessment, read_image_events(connection, inspection_id, image_id))

    def _image_of(self, summary: ImageSummary, assessment: Assessment | None, events: Sequence[Event]) -> Image:
        """events: those of the image, see `image_events`."""
        if assessment is None:
            return Image(**dict(summary))
        return Image(
            **dict(summary),
            view=assessment.view,
            assessment=assessment,
            quality=assessment.quality,
            findings=self._reviewer.findings(assessment, events),
        )


def _short(connection: Connection, rows: Sequence[Row[Any]]) -> list[InspectionSummary]:
    """Inspections in short."""
    ids = [row.id for row in rows]
    columns = (cases.c.inspection_id, cases.c.status, cases.c.revision)
    kept = {row.inspection_id: row for row in connection.execute(select(*columns).where(columns[0].in_(ids)))}
    count = select(images.c.inspection_id, func.count().label("photos"), func.min(images.c.id).label("first"))
    counts = count.where(images.c.inspection_id.in_(ids)).group_by(images.c.inspection_id)
    photos = {row.inspection_id: (row.photos, row.first) for row in connection.execute(counts)}
    return [short_of(row, kept[row.id], *photos.get(row.id, (0, None))) for row in rows]


def _check_room(connection: Connection, inspection_id: str, shas: Sequence[str]) -> None:
    """Raises ProblemError 409 for more photos than an inspection takes."""
    there = set(connection.scalars(select(images.c.sha256).where(images.c.inspection_id == inspection_id)))
    if len(there | set(shas)) > MAX_PHOTOS and set(shas) - there:
        detail = f"has {len(there)} photos, and an inspection takes at most {MAX_PHOTOS}; begin another one"
        raise ProblemError(409, detail, field="photos")


def _record(connection: Connection, inspection_id: str, image_id: str | None, **said: Any) -> Event:
    """The next event of an inspection, which is kept. said: its kind, author and whatever else it says."""
    number = next_number(connection, inspection_id)
    event = Event(id=new_id("evt"), number=number, inspection_id=inspection_id, image_id=image_id, at=now(), **said)
    insert_event(connection, event)
    return event


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, as they were and as they are; null says no more than a field that is left away."""
    before, after = {}, {}
    for name in dict.fromkeys([*old, *new]):
        was, now_is = old.get(name), new.get(name)
        if isinstance(was, dict) and isinstance(now_is, dict):
            was, now_is = _changes(was, now_is)
        if was != now_is:
            before[name], after[name] = was, now_is
    return before, after


def _insert(connection: Connection, inspection_id: str, job: Job, sha256: str, photo: KeptPhoto) -> str:
    """The id of a photo's image, which is made unless it is there."""
    same = (images.c.inspection_id == inspection_id) & (images.c.sha256 == sha256)
    image_id: str | None = connection.scalar(select(images.c.id).where(same))
    if image_id is not None:
        return image_id
    image_id = new_id("img")
    connection.execute(
        insert(images).values(
            id=image_id,
            inspection_id=inspection_id,
            name=job.name,
            sha256=sha256,
            photo=photo.name,
            width=photo.size[0],
            height=photo.size[1],
            status="queued",
            attempts=0,
            created_at=now(),
            followed=[asdict(one) for one in job.followed] or None,
        )
    )
    return image_id
