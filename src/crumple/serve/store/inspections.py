"""Inspections and their images, as rows."""

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from crumple.assessment.assessment import Assessment
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.images import Image
from crumple.serve.contract.inspections import Inspection, InspectionPage, NewInspection
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.uploads import Job
from crumple.serve.review.findings import Reviewer
from crumple.serve.store.database import Database
from crumple.serve.store.ids import new_id
from crumple.serve.store.photos import KeptPhoto, PhotoStore
from crumple.serve.store.repeats import Repeats
from crumple.serve.store.rows import (
    inspection_of,
    lock_inspection,
    missing,
    read_events,
    read_image_row,
    read_inspection,
    read_summaries,
    summary_of,
    touch,
)
from crumple.serve.store.tables import dropped, images, inspections, now


class Inspections:
    """Makes, lists, reads and deletes inspections, and takes photos for them."""

    def __init__(self, database: Database, photos: PhotoStore, reviewer: Reviewer, backlog: int) -> None:
        self._database, self._photos, self._reviewer, self._backlog = database, photos, reviewer, backlog

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
                        id=made[0],
                        reference=new.reference,
                        vehicle=new.vehicle.model_dump(),
                        metadata=new.metadata,
                        created_at=time,
                        updated_at=time,
                        review_state="open",
                    )
                )
                repeats.remember(connection, made, made[0])
            return read_inspection(connection, made[0])

    def page(self, cursor: str | None, limit: int) -> InspectionPage:
        """Inspections before `cursor`, newest first."""
        query = select(inspections).order_by(inspections.c.id.desc()).limit(limit + 1)
        if cursor:
            query = query.where(inspections.c.id < cursor)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            shown = rows[:limit]
            photos = read_summaries(connection, [row.id for row in shown])
        items = [inspection_of(row, photos[row.id]) for row in shown]
        return InspectionPage(items=items, next_cursor=items[-1].id if len(rows) > limit else None)

    def get(self, inspection_id: str) -> Inspection:
        """Raises ProblemError 404."""
        with self._database.read() as connection:
            return read_inspection(connection, inspection_id)

    def delete(self, inspection_id: str) -> None:
        """With its images, events and photos. Raises ProblemError 404."""
        with self._database.write() as connection:
            if not connection.execute(delete(inspections).where(inspections.c.id == inspection_id)).rowcount:
                raise missing("inspection", inspection_id)
            connection.execute(insert(dropped).values(id=inspection_id))
        self._drop_photos(inspection_id)

    def finish_deleting(self) -> None:
        """Delete the photos of inspections that an earlier process deleted and then died."""
        with self._database.read() as connection:
            names = connection.scalars(select(dropped.c.id)).all()
        for name in names:
            self._drop_photos(name)

    def _drop_photos(self, inspection_id: str) -> None:
        self._photos.drop(inspection_id)
        with self._database.write() as connection:
            connection.execute(delete(dropped).where(dropped.c.id == inspection_id))

    def add_photos(self, inspection_id: str, jobs: Sequence[Job], key: str | None = None) -> list[Image]:
        """Take photos, to be assessed later. Once this returns, nothing but `delete` loses them.

        The same photo again is the same image. Raises ProblemError 404, 422 (the key belongs to other photos), 503 (too
        many wait), 409 (its review is finished), PhotoError.
        """
        shas = [hashlib.sha256(job.data).hexdigest() for job in jobs]
        repeats = Repeats(f"{inspection_id}/images", key, json.dumps(shas))
        with self._database.read() as connection:
            read_inspection(connection, inspection_id)
            if made := repeats.find(connection):
                return [self._image(connection, inspection_id, image_id) for image_id in made]
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
                    made = [_insert(connection, inspection_id, *one) for one in zip(jobs, shas, kept, strict=True)]
                    repeats.remember(connection, made, inspection_id)
                    touch(connection, inspection_id)
                return [self._image(connection, inspection_id, image_id) for image_id in made]
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

    def document(self, inspection_id: str) -> InspectionDocument:
        """All of an inspection, in one state. Raises ProblemError 404."""
        with self._database.read() as connection:
            inspection = read_inspection(connection, inspection_id)
            photos = [self._image(connection, inspection_id, image.id) for image in inspection.images]
            events = read_events(connection, inspection_id)
        return InspectionDocument(inspection=inspection, images=photos, events=events)

    def _image(self, connection: Connection, inspection_id: str, image_id: str) -> Image:
        row = read_image_row(connection, inspection_id, image_id)
        summary = dict(summary_of(row))
        if row.assessment is None:
            return Image(**summary)
        assessment = Assessment.model_validate_json(row.assessment)
        findings = self._reviewer.findings(assessment, read_events(connection, inspection_id, image_id))
        return Image(
            **summary,
            view=assessment.view,
            assessment=assessment,
            quality=assessment.quality,
            findings=findings,
        )


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
        )
    )
    return image_id
