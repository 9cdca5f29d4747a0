"""What is known of a photo: as its source lists it, and as a line of the manifest."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from crumple.collect.licenses import License

_FLICKR_PAGE = re.compile(r"flickr\.com/photos/[^/]+/(\d+)")
_COMMONS_PAGE = re.compile(r"commons\.wikimedia\.org/.*[?&]curid=(\d+)")


class Author(BaseModel):
    """Who made a photo. name: as the source tells it, "unknown" if it does not."""

    model_config = ConfigDict(frozen=True)
    name: str
    id: str | None = None
    url: str | None = None


class Geo(BaseModel):
    """Where a photo was taken, degrees."""

    model_config = ConfigDict(frozen=True)
    latitude: float
    longitude: float


class PhotoRecord(BaseModel):
    """A photo as its source lists it.

    source, id: together its key. page_url: where a person sees it. image_url: of the chosen size; None if the source
    has none within the limit. size: which one that is, "original" or the source's name. width, height: of that size in
    pixels, if the source tells. taken: as the source has it. uploaded: ISO 8601, UTC.
    """

    model_config = ConfigDict(frozen=True)
    source: str
    id: str
    page_url: str
    image_url: str | None
    size: str
    width: int | None = None
    height: int | None = None
    author: Author
    title: str
    license: License
    taken: str | None = None
    uploaded: str | None = None
    tags: tuple[str, ...] = ()
    geo: Geo | None = None

    @property
    def key(self) -> str:
        return f"{self.source}:{self.id}"

    @property
    def origin(self) -> str:
        """The key of the photo where it was first published: Openverse lists Flickr's and Commons' photos too."""
        if found := _FLICKR_PAGE.search(self.page_url):
            return f"flickr:{found[1]}"
        if found := _COMMONS_PAGE.search(self.page_url):
            return f"commons:{found[1]}"
        return self.key


class Entry(PhotoRecord):
    """A photo that lies in the folder: a line of manifest.jsonl.

    file: its name in the folder. sha256, bytes: of the file. width, height: of the upright photo in pixels, as decoded.
    query: the words it was found with. collected: when, ISO 8601, UTC.
    """

    event: Literal["collected"] = "collected"
    file: str
    sha256: str
    bytes: int
    query: str
    collected: str


class Removal(BaseModel):
    """A photo that was deleted at its source, and therefore here: a line of manifest.jsonl. removed: when."""

    model_config = ConfigDict(frozen=True)
    event: Literal["removed"] = "removed"
    source: str
    id: str
    file: str
    removed: str
