"""Where the photos of a project lie: one folder, or several that were pushed one after the other."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crumple.errors import DataError
from crumple.label.cvat.cloud import key_prefix
from crumple.label.photos import LabelPhoto, read_photos
from crumple.label.reporter import Reporter
from crumple.storage import Folder, open_folder


@dataclass(frozen=True)
class Places:
    """The photos that are known here. root: the folder (path or URL) that their names are relative to.

    keys: hashes by the names that photos of a bucket have in CVAT. local: the photos are files of this machine.
    """

    photos: tuple[LabelPhoto, ...]
    root: str
    keys: dict[str, str]
    local: bool


def read_places(
    given: Sequence[str], pushed: Sequence[str], reporter: Reporter, step: Callable[[], None] = lambda: None
) -> Places | None:
    """The photos of the folders that are given, or else of those that were pushed; None if no folder is known.

    The names of several folders are relative to the folder that holds them all. Of those that were pushed, a folder
    that no longer exists is reported and skipped, and so are buckets beside folders of this machine.

    Raises: DataError if a folder that is given holds no photo, or all are gone.
    """
    places = [open_folder(place) for place in given or pushed]
    if not places:
        return None
    if not given:
        places = _still_there(places, reporter)
    if len(places) > 1 and any(place.path is None for place in places):
        local = [place for place in places if place.path is not None]
        kept = local or places[-1:]
        passed_over = ", ".join(str(place) for place in places if place not in kept)
        reporter.say(f"{passed_over}: its photos are not read, only those of {', '.join(map(str, kept))}; see --photos")
        places = kept
    bucket = next((place for place in reversed(pushed) if "://" in place), None)
    paths = [place.path.absolute() for place in places if place.path is not None]
    root = Path(os.path.commonpath(paths)) if paths else None
    photos: dict[str, LabelPhoto] = {}
    keys: dict[str, str] = {}
    for place in places:
        prefix = key_prefix(place, bucket)
        below = place.path.absolute().relative_to(root) if place.path is not None and root is not None else Path()
        for photo in read_photos(place, step):
            photos.setdefault(photo.sha256, replace(photo, name=(below / photo.name).as_posix()))
            keys[prefix + photo.name] = photo.sha256
    return Places(tuple(photos.values()), str(root or places[0]), keys, root is not None)


def _still_there(places: Sequence[Folder], reporter: Reporter) -> list[Folder]:
    there = [place for place in places if place.path is None or place.path.is_dir()]
    gone = ", ".join(str(place) for place in places if place not in there)
    if not there:
        raise DataError(f"{gone}: was pushed from here but no longer exists; give --photos, where its photos are now")
    if gone:
        reporter.say(f"{gone}: was pushed from here but no longer exists; see --photos")
    return there
