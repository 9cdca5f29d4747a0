"""Images: the photos of an inspection, what was found on them, and what people make of that."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from crumple.drawing.jpeg import jpeg
from crumple.photo import decode_photo
from crumple.serve.contract.base import Short, Text
from crumple.serve.contract.events import Edit, Event, EventPage
from crumple.serve.contract.images import Image
from crumple.serve.contract.problems import ProblemError
from crumple.serve.http.routes.assessments import PHOTOS_BODY
from crumple.serve.http.routes.parameters import ImageId, InspectionId, Kept, Key, NumberCursor, ThisService
from crumple.serve.http.uploads import read_photos
from crumple.serve.page.overlay import reviewed_overlay

router = APIRouter(prefix="/v1/inspections/{inspection_id}", tags=["images"])

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}, "description": "a JPEG"}
}


@router.post("/images", status_code=202, summary="Add photos", openapi_extra=PHOTOS_BODY, response_model=list[Image])
async def add_images(
    request: Request, service: ThisService, kept: Kept, inspection_id: InspectionId, key: Key = None
) -> Response:
    """They are kept once this is answered, and assessed soon after. The same photo again is the same image."""
    jobs = await read_photos(request, service.limits, service.fetch)
    images = await run_in_threadpool(kept.take, inspection_id, jobs, key)
    body = f"[{','.join(image.model_dump_json() for image in images)}]"
    return Response(body, 202, media_type="application/json")


@router.get("/images/{image_id}", summary="Read an image", response_model=Image)
def read_image(kept: Kept, inspection_id: InspectionId, image_id: ImageId) -> Response:
    """Its status, the model's own assessment, and the findings as they stand after review."""
    return Response(kept.inspections.image(inspection_id, image_id).model_dump_json(), media_type="application/json")


@router.get("/images/{image_id}/photo", summary="The photo", responses=_JPEG, response_class=Response)
def read_photo(kept: Kept, inspection_id: InspectionId, image_id: ImageId) -> Response:
    """A JPEG without the position where it was taken."""
    data = kept.inspections.photo(inspection_id, image_id)
    if not data.startswith(b"\xff\xd8"):
        with kept.photos.decoding:
            data = _jpeg(decode_photo(data).rgb)
    return Response(data, media_type="image/jpeg")


@router.get("/images/{image_id}/thumbnail", summary="The photo, small", responses=_JPEG, response_class=Response)
def read_thumbnail(kept: Kept, inspection_id: InspectionId, image_id: ImageId) -> Response:
    """A JPEG whose longer side has 320 pixels at most."""
    data = kept.inspections.thumbnail(inspection_id, image_id)
    return Response(data, media_type="image/jpeg")


@router.delete("/images/{image_id}", status_code=204, summary="Delete a photo")
def delete_image(
    kept: Kept,
    inspection_id: InspectionId,
    image_id: ImageId,
    author: Annotated[Short, Query(description="who deletes it")],
    text: Annotated[Text | None, Query(description="a remark")] = None,
) -> None:
    """For good, with its findings; the event `photo_deleted` stays."""
    kept.inspections.delete_photo(inspection_id, image_id, author, text)
    kept.changes.tell(inspection_id)


@router.get(
    "/images/{image_id}/overlay", summary="The photo with the findings", responses=_JPEG, response_class=Response
)
def read_overlay(kept: Kept, inspection_id: InspectionId, image_id: ImageId) -> Response:
    """Parts, and the findings that nobody rejected."""
    image = kept.inspections.image(inspection_id, image_id)
    if image.assessment is None:
        raise ProblemError(409, f"the image is {image.status}; only one that is done has an overlay")
    data = kept.inspections.photo(inspection_id, image_id)
    with kept.photos.decoding:
        return Response(_jpeg(reviewed_overlay(image, decode_photo(data).rgb)), media_type="image/jpeg")


@router.post("/images/{image_id}/events", status_code=201, tags=["review"], summary="Edit a finding")
def add_event(kept: Kept, inspection_id: InspectionId, image_id: ImageId, edit: Edit, key: Key = None) -> Event:
    """Confirm, reject, relabel, place, redraw, add, note or undo. The model's own answer stays as it is."""
    event = kept.edits.add(inspection_id, image_id, edit, key)
    kept.changes.tell(inspection_id)
    return event


@router.get("/events", tags=["review"], summary="Everything that people did, in order")
def list_events(
    kept: Kept, inspection_id: InspectionId, cursor: NumberCursor = 0, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> EventPage:
    """Who, when, before, after."""
    return kept.edits.page(inspection_id, cursor, limit)


def _jpeg(rgb: npt.NDArray[np.uint8]) -> bytes:
    return jpeg(rgb, max_side=max(rgb.shape), quality=92)
