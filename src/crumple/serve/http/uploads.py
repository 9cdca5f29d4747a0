"""What came in a request's body: one photo raw, several as multipart, or JSON with base64 or URLs."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from email.message import Message
from io import BytesIO

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from crumple.assessment.pipeline import printable
from crumple.errors import PhotoError, TooManyPixelsError, UnknownFormatError
from crumple.photo_header import open_header
from crumple.serve.contract.problems import FieldProblem, ProblemError
from crumple.serve.contract.uploads import Job, PhotosInJson, field_of
from crumple.serve.service import Limits

RAW_TYPES = frozenset(
    {"image/jpeg", "image/jpg", "image/png", "image/webp", "image/bmp", "image/x-ms-bmp", "image/tiff"}
    | {"image/heic", "image/heif", "image/*", "application/octet-stream", "application/x-image"}
)
ACCEPTED = "a photo as image/jpeg, png, webp, bmp, tiff or heic, several as multipart/form-data, or application/json"

# Asked for a URL, gives the photo behind it. Raises ProblemError.
Fetch = Callable[[str, str], Awaitable[bytes]]


async def read_photos(request: Request, limits: Limits, fetch: Fetch) -> list[Job]:
    """The photos of a request, in order. Raises ProblemError: 400, 408, 413, 415 or 422, naming the field."""
    try:
        async with asyncio.timeout(limits.seconds):
            jobs = await _read(request, limits, fetch)
    except TimeoutError:
        raise ProblemError(408, f"the body was not here within {limits.seconds:g} s", field="body") from None
    for i, job in enumerate(jobs):
        if not job.data:
            raise ProblemError(400, "is empty (0 bytes)", field=field_of(i, jobs))
        _check_header(job, limits.pixels, field_of(i, jobs))
    return jobs


async def _read(request: Request, limits: Limits, fetch: Fetch) -> list[Job]:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request, limits.photos)
    if kind == "application/json":
        return await _json(request, limits.photos, fetch)
    if kind in RAW_TYPES:
        return [Job(await request.body(), _name(request.headers.get("content-disposition")))]
    raise ProblemError(415, f"{kind or 'no Content-Type'}: send {ACCEPTED}", field="Content-Type")


def _check_header(job: Job, max_pixels: int, field: str) -> None:
    """Refuse at once what can be seen to be no photo, or too large a one; pixels are decoded by the engine."""
    try:
        open_header(BytesIO(job.data), job.name, max_pixels)
    except UnknownFormatError as error:
        raise ProblemError(415, str(error), field=field) from None
    except TooManyPixelsError as error:
        raise ProblemError(413, str(error), field=field) from None
    except PhotoError as error:
        raise ProblemError(422, str(error), field=field) from None


async def _multipart(request: Request, max_photos: int) -> list[Job]:
    try:
        form = await request.form(max_files=max_photos, max_fields=20)
    except HTTPException as error:  # what python-multipart says of a body that is none
        raise ProblemError(400, f"multipart body: {error.detail}", field="body") from None
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise ProblemError(422, "the form has no file; send each photo as a file", field="photos")
        return [Job(await file.read(), printable(file.filename or "photo")[:200]) for file in files]
    finally:
        await form.close()


async def _json(request: Request, max_photos: int, fetch: Fetch) -> list[Job]:
    try:
        body = PhotosInJson.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            raise ProblemError(400, f"the body is no JSON: {first['msg']}", field="body") from None
        errors = [
            FieldProblem(field=".".join(map(str, one["loc"])) or "body", detail=one["msg"]) for one in error.errors()
        ]
        detail = f"{errors[0].field}: {errors[0].detail}"
        raise ProblemError(422, detail, errors=errors) from None
    if len(body.photos) > max_photos:
        raise ProblemError(422, f"has {len(body.photos)} photos, at most {max_photos} are taken", field="photos")
    jobs = []
    for i, photo in enumerate(body.photos):
        if photo.url is not None:
            data = await fetch(photo.url, f"photos.{i}.url")
            name = photo.name or photo.url.split("?")[0].rstrip("/").rpartition("/")[2] or "photo"
        else:
            try:
                data = base64.b64decode(photo.base64 or "", validate=True)
            except (binascii.Error, ValueError):
                raise ProblemError(422, "is no base64", field=f"photos.{i}.base64") from None
            name = photo.name or "photo"
        jobs.append(Job(data, printable(name)[:200]))
    return jobs


def _name(disposition: str | None) -> str:
    """The file name of a Content-Disposition header (RFC 6266), "photo" if there is none."""
    if not disposition:
        return "photo"
    message = Message()
    message["Content-Disposition"] = disposition
    try:
        name = message.get_filename()
    except UnicodeError:  # the charset is not a text encoding, such as idna
        name = None
    return printable(name or "photo").rpartition("/")[2][:200] or "photo"
