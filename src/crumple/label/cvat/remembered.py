"""Where the photos of a project lie on this machine, so that a pull finds what was pushed from here. No secrets."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from crumple.cache import cache_folder
from crumple.files import write_aside


def remember(url: str, project: str, place: str) -> None:
    """Note the folder (path or URL) that a project's photos were pushed from; fine where there is no cache."""
    path = _path(url, project)
    if path is not None:
        with suppress(OSError), write_aside(path) as temporary:
            temporary.write_text(json.dumps({"url": url, "project": project, "photos": place}), encoding="utf-8")


def remembered(url: str, project: str) -> str | None:
    """The folder that was noted, None if there is none."""
    path = _path(url, project)
    with suppress(OSError, ValueError, TypeError, KeyError):
        return str(json.loads(path.read_text(encoding="utf-8"))["photos"]) if path is not None else None
    return None


def _path(url: str, project: str) -> Path | None:
    folder = cache_folder()
    key = hashlib.sha256(f"{url.rstrip('/')}\n{project}".encode()).hexdigest()[:20]
    return None if folder is None else folder / "label" / f"{key}.json"
