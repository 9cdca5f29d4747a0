"""Many photos, one after another: the next is decoded while this one is looked at."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from crumple.assessment.pipeline import PhotoSource, read_photo
from crumple.assessment.stopwatch import Stopwatch
from crumple.errors import PhotoError
from crumple.photo import Photo


def read_ahead(
    sources: Sequence[PhotoSource], *, at_least: int | None = None
) -> Iterator[tuple[Photo | PhotoError, Stopwatch]]:
    """Each photo decoded, or what is wrong with it, and how long that took; never more than two are held.

    at_least: see `read_photo`.
    """
    with ThreadPoolExecutor(1) as decoder:
        ahead = [decoder.submit(_read, source, at_least) for source in sources[:1]]
        for following in range(1, len(sources) + 1):
            decoded = ahead.pop().result()
            ahead += [decoder.submit(_read, source, at_least) for source in sources[following : following + 1]]
            yield decoded


def _read(source: PhotoSource, at_least: int | None) -> tuple[Photo | PhotoError, Stopwatch]:
    watch = Stopwatch()
    try:
        with watch("decode"):
            return read_photo(source, at_least=at_least), watch
    except PhotoError as error:
        return error, watch
