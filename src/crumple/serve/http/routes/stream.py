"""Server-sent events: what happens to an inspection, for pages that show it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from crumple.serve.contract.events import Event
from crumple.serve.contract.images import ImageSummary
from crumple.serve.contract.inspections import InspectionSummary
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import Review
from crumple.serve.http.routes.parameters import InspectionId, Kept

router = APIRouter(prefix="/v1/inspections/{inspection_id}", tags=["inspections"])

News = tuple[str, ImageSummary | Event | Review | InspectionSummary, str | None]  # kind, what, id of an event
POLL = 5.0  # seconds: another server may have changed something


class Watch:
    """What a listener has been told: each image's status, events up to a number, the review's state, the rest."""

    def __init__(self, kept: Kept, inspection_id: str, last: int | None) -> None:
        self._kept, self.inspection_id = kept, inspection_id
        self._images: dict[str, ImageSummary] = {}
        self._review: Review | None = None
        self._inspection: InspectionSummary | None = None
        self._number = 0
        if last is None:  # from now on
            self._number = kept.edits.newest(inspection_id)
            self.news()
        else:
            self._number = last

    def news(self) -> list[News]:
        """What changed since the last call: kind, what, and id of an event. Raises ProblemError 404 if it is gone."""
        inspection, images = self._kept.inspections.short(self.inspection_id)
        told: list[News] = []
        for image in images:
            if self._images.get(image.id) != image:
                self._images[image.id] = image
                told.append(("image", image, None))
        for event in self._kept.edits.page(self.inspection_id, self._number, 500).items:
            self._number = event.number
            told.append(("event", event, str(event.number)))
        if inspection.review != self._review:
            self._review = inspection.review
            told.append(("review", inspection.review, None))
        if inspection != self._inspection:
            self._inspection = inspection
            told.append(("inspection", inspection, None))
        return told


def begin_watch(
    kept: Kept,
    inspection_id: InspectionId,
    last: Annotated[int | None, Header(alias="Last-Event-ID", ge=0, lt=2**31)] = None,
) -> Watch:
    """Taken before the answer begins: what a listener reads once it is connected is not older than what it is told."""
    return Watch(kept, inspection_id, last)


@router.get("/stream", summary="What happens, as server-sent events", response_class=EventSourceResponse)
async def stream(
    request: Request, kept: Kept, watch: Annotated[Watch, Depends(begin_watch)]
) -> AsyncIterator[ServerSentEvent]:
    """`image` (ImageSummary), `event` (Event; its id is its number), `review` (Review), `inspection`
    (InspectionSummary), `deleted`.

    From now on; with Last-Event-ID every event after that number, and each image's status.
    """
    yield ServerSentEvent(comment="watching", retry=1000)
    with kept.changes.listen(watch.inspection_id) as changed:
        while not kept.changes.closed:
            changed.clear()
            try:
                news = await run_in_threadpool(watch.news)
            except ProblemError:
                yield ServerSentEvent(event="deleted", data={"id": watch.inspection_id})
                return
            for kind, data, number in news:
                yield ServerSentEvent(event=kind, data=data.model_dump(mode="json"), id=number)
            try:
                await asyncio.wait_for(changed.wait(), POLL)
            except TimeoutError:
                continue
