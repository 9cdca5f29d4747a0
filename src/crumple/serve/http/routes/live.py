"""A live view: frames of a camera one by one, damage followed over them, and the best of them kept as photos."""

import asyncio
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from crumple.serve.contract.images import Image
from crumple.serve.contract.live import Keep, Live, LiveFrame
from crumple.serve.http.routes.assessments import PHOTOS_BODY
from crumple.serve.http.routes.parameters import Kept, Key, LiveId, ThisService
from crumple.serve.http.uploads import read_photos

router = APIRouter(prefix="/v1/live", tags=["live"])


@router.post("", status_code=201, summary="Begin a live view")
def begin(kept: Kept, response: Response) -> Live:
    """It is kept in memory until it is deleted, or nothing came for `idle_seconds`."""
    made = kept.live.begin().now
    response.headers["Location"] = f"/v1/live/{made.id}"
    return made


@router.get("/{live_id}", summary="Read a live view")
async def read_live(kept: Kept, live_id: LiveId) -> Live:
    """What was found so far. It is not idle then."""
    return kept.live.get(live_id).now


@router.post("/{live_id}/frames", summary="Look at a frame", openapi_extra=PHOTOS_BODY)
async def look(request: Request, service: ThisService, kept: Kept, live_id: LiveId) -> LiveFrame:
    """Send the next one, the newest there is, after the answer: one that comes before it is refused with 429."""
    view = kept.live.get(live_id)
    [frame] = await read_photos(request, replace(service.limits, photos=1), service.fetch)
    future = view.look(frame)
    async with service.deadline():
        return await asyncio.wrap_future(future)


@router.post("/{live_id}/keep", status_code=202, summary="Keep the best frames", response_model=list[Image])
def keep(kept: Kept, live_id: LiveId, where: Keep, key: Key = None) -> list[Image]:
    """The best frame of each damage and of each kind of part become photos of an inspection, to be assessed as such.

    The live view looks at no more frames. Kept again, the same photos are the same images.
    """
    return kept.take(where.inspection_id, kept.live.get(live_id).take(), key)


@router.delete("/{live_id}", status_code=204, summary="End a live view")
def end(kept: Kept, live_id: LiveId) -> None:
    """What was not kept is gone."""
    kept.live.end(live_id)
