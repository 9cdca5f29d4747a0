"""Where the photos of a project lie on this machine, so that a pull finds what was pushed from here. No secrets."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from crumple.cache import cache_folder
from crumple.files import write_aside


def remember(url: str, project: int, place: str) -> None:
    """Note a folder (path or URL) that photos of a project (its id) were pushed from; does nothing without a cache."""
    path = _path(url, project)
    if path is not None:
        places = [one for one in _read(path) if one != place]
        content = {"url": url, "project": project, "photos": [*places, place]}
        with suppress(OSError), write_aside(path) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")


def remembered(url: str, project: int) -> list[str]:
    """The folders that were noted, the latest last."""
    path = _path(url, project)
    return [] if path is None else _read(path)


def all_remembered() -> set[str]:
    """The folders that were noted of any project."""
    cache = cache_folder()
    return set() if cache is None else {place for path in (cache / "label").glob("*.json") for place in _read(path)}


def _read(path: Path) -> list[str]:
    with suppress(OSError, ValueError, TypeError, KeyError):
        places = json.loads(path.read_text(encoding="utf-8"))["photos"]
        return [place for place in places if isinstance(place, str)] if isinstance(places, list) else []
    return []


def _path(url: str, project: int) -> Path | None:
    folder = cache_folder()
    key = hashlib.sha256(f"{url.rstrip('/')}\n{project}".encode()).hexdigest()[:20]
    return None if folder is None else folder / "label" / f"{key}.json"
