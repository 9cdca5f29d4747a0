"""One photo's file: fetched or found, and checked before it is believed."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from crumple.collect.errors import SourceError
from crumple.collect.http import Http
from crumple.collect.record import PhotoRecord
from crumple.errors import PhotoError
from crumple.photo import decode_photo
from crumple.photo_header import open_header

MAX_BYTES = 100_000_000  # of a photo's file
DECODES = 2  # how often a photo is fetched whose bytes do not decode: a body may have been cut off
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "BMP": ".bmp", "TIFF": ".tif"}  # by Pillow's names
NOT_THERE = frozenset({404, 410, 451})


class GoneError(SourceError):
    """The photo is not public any more."""


@dataclass(frozen=True)
class PhotoFile:
    """A photo's bytes, as the source sent them. width, height: upright, in pixels. suffix: of its real format."""

    data: bytes
    sha256: str
    width: int
    height: int
    suffix: str


def download(http: Http, record: PhotoRecord, max_side: int) -> PhotoFile:
    """Fetch a record's photo.

    Raises: GoneError if it is not there any more; PhotoError for what is no photo, does not decode or is larger than
    max_side; NetworkError, QuotaError, SourceError, Stopped.
    """
    if record.image_url is None:
        raise ValueError(f"{record.key} has no size that fits")
    if not record.image_url.startswith(("http://", "https://")):
        raise PhotoError(f"{record.key}: {record.image_url[:80]!r} is no web address")
    for attempt in range(DECODES):
        answer = http.fetch(record.image_url, max_bytes=MAX_BYTES)
        # Flickr does not say 404 for a deleted photo, it leads to a picture that says so.
        if answer.status in NOT_THERE or "photo_unavailable" in answer.url:
            raise GoneError(f"{record.key}: is not there any more ({record.page_url})")
        if answer.status != 200:
            raise SourceError(f"{record.key}: its host answers HTTP {answer.status} ({record.page_url})")
        if not answer.content_type.startswith("image/"):
            raise PhotoError(f"{record.key}: is sent as {answer.content_type or 'nothing'}, not as a picture")
        try:
            return check(answer.content, record, max_side)
        except PhotoError:
            if attempt == DECODES - 1:
                raise
    raise AssertionError("unreachable")


def check(data: bytes, record: PhotoRecord, max_side: int) -> PhotoFile:
    """Decode the whole photo. Raises PhotoError for what does not decode, or is larger than max_side."""
    try:
        # At an eighth of the size a JPEG is still read to its last byte.
        width, height = decode_photo(data, max_side=64).original_size
        kind = open_header(BytesIO(data), "photo").format
    except PhotoError as error:
        raise PhotoError(f"{record.key}: {str(error).removeprefix('photo: ')}") from None
    if max(width, height) > max_side:
        raise PhotoError(f"{record.key}: has {width}x{height} pixels, more than its source said and --max-side allows")
    return PhotoFile(data, hashlib.sha256(data).hexdigest(), width, height, SUFFIXES[str(kind)])


def as_listed(file: PhotoFile, record: PhotoRecord) -> bool:
    """Whether a file may be the size that the record tells, upright or turned."""
    if not record.width or not record.height:
        return True
    listed = record.width, record.height
    return all(
        abs(side - other) <= 1 for side, other in zip(sorted((file.width, file.height)), sorted(listed), strict=True)
    )
