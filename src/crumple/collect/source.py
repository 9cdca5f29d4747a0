"""What a source of photos can do. Each lists records; what is done with them is the same for all."""

import importlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from crumple.collect.http import Http
from crumple.collect.record import PhotoRecord
from crumple.errors import CrumpleError

# name -> module and class
SOURCES = {
    "flickr": ("crumple.collect.flickr", "Flickr"),
    "commons": ("crumple.collect.commons", "Commons"),
    "openverse": ("crumple.collect.openverse", "Openverse"),
}


class Source(Protocol):
    """A place that photos come from. name: as in its records' keys."""

    name: str

    def search(self, query: str, families: frozenset[str], max_side: int) -> Iterator[PhotoRecord]:
        """Photos that match `query`, those of the licence families first of all asked for.

        A record may come twice, and with a licence that was not asked for: callers check. Of each photo the largest
        size whose longer side is at most `max_side` pixels.

        Raises: SourceError.
        """

    def deleted(self, records: Iterable[PhotoRecord]) -> Iterator[PhotoRecord]:
        """Those of the source's own records whose photos are not public any more. Raises SourceError."""


def open_source(name: str, http: Http) -> Source:
    """The source of that name. Raises CrumpleError for a name that is none, or if its key is missing."""
    if name not in SOURCES:
        raise CrumpleError(f"--source {name}: is none of {', '.join(SOURCES)}")
    module, kind = SOURCES[name]
    source: Source = getattr(importlib.import_module(module), kind)(http)
    return source
