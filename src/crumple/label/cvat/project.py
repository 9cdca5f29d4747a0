"""A project on the server: found by its name or made, its labels checked, and which photos its tasks hold."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.schema import ATTRIBUTES, differences, labels
from crumple.label.cvat.server import Json, Server
from crumple.label.reporter import Reporter

ORDINARY = "annotation"  # of a job's types; the others are ground_truth and consensus replicas
SHOWN = 3  # differences that are told; the rest is counted


@dataclass(frozen=True)
class Project:
    """A project whose labels are ours, or some of them. labels: as the server has them."""

    id: int
    name: str
    labels: list[Json]

    @property
    def names(self) -> list[str]:
        """The names of the taxonomy that can be drawn in it."""
        return [label["name"] for label in self.labels if label["name"] in ATTRIBUTES]


@dataclass(frozen=True)
class Frame:
    """A photo in a task. number: of the frame. sha256: None if not known. width, height: pixels, as CVAT shows it.

    deleted: an annotator took it out, as unfit to be labelled.
    """

    number: int
    name: str
    sha256: str | None
    width: int
    height: int
    deleted: bool


@dataclass(frozen=True)
class Task:
    """A task with data. subset: "" for none."""

    id: int
    name: str
    subset: str
    updated: str
    frames: tuple[Frame, ...]


def find_project(server: Server, name: str) -> Json:
    """The project of that name, or "#7" of that id. Raises CvatError if one sees none, or there are two."""
    found = _called(server, name)
    if len(found) > 1:
        listed = ", ".join(_whose(project) for project in found)
        raise CvatError(
            f"{server.login.url}: there are {len(found)} projects called {name!r}: {listed}; give one by its number, "
            f"as --project '#{found[0]['id']}'"
        )
    if not found:
        known = ", ".join(repr(project["name"]) for project in server.projects()[:8]) or "none"
        raise CvatError(
            f"{server.login.url}: there is no project {name!r} that {server.user()} may see; there are: {known}; if "
            "you only have jobs of it, ask its owner to pull it or to assign the project to you; or give --org"
        )
    return found[0]


def _called(server: Server, name: str) -> list[Json]:
    number = re.fullmatch(r"#(\d+)", name)
    by_id = [one for one in server.projects() if one["id"] == int(number[1])] if number else []
    return by_id or server.projects(name)


def _whose(project: Json) -> str:
    owner = (project.get("owner") or {}).get("username") or "nobody"
    organisation = project.get("organization_id") or project.get("organization")
    return f"#{project['id']} of {owner}{f' in organisation {organisation}' if organisation else ''}"


def open_project(server: Server, name: str, reporter: Reporter) -> Project:
    """The project of that name with its labels checked. Raises CvatError saying what differs from the taxonomy."""
    found = find_project(server, name)
    theirs = server.labels(found["id"])
    wrong, harmless = differences(theirs)
    if wrong:
        raise CvatError(
            f"project {name!r}: its labels are not those of the taxonomy: {_some(wrong)}; mend them in CVAT, or push "
            "to a project of another name"
        )
    if harmless:
        reporter.say(f"project {name!r}: {_some(harmless)}")
    return Project(found["id"], found["name"], theirs)


def make_project(server: Server, name: str, reporter: Reporter) -> Project:
    """The same, made with our labels if there is none of that name."""
    if not _called(server, name) and not name.startswith("#"):
        server.create_project(name, labels())
        reporter.say(f"project {name!r} made with {len(labels())} labels")
    return open_project(server, name, reporter)


def read_task(server: Server, task: Json, sha256_of: Callable[[str], str | None]) -> Task:
    """A task with its frames. sha256_of: the hash of a photo by the name of its frame."""
    meta = server.frames(task["id"])
    gone = set(meta["deleted_frames"])
    frames = tuple(
        Frame(number, entry["name"], sha256_of(entry["name"]), entry["width"], entry["height"], number in gone)
        for number, entry in enumerate(meta["frames"] or [])
    )
    return Task(task["id"], task["name"], task.get("subset") or "", task["updated_date"], frames)


def task_name(project: str, number: int, review: str | None = None) -> str:
    """ "Cars 2026 0007", or "Cars 2026 review 1a2b3c4d 0001"."""
    return f"{project} {f'review {review} ' if review else ''}{number:04d}"


def task_number(project: str, name: str, review: str | None = None) -> int | None:
    """The number in the name of a task that we made, None if it is not such a name.

    A review is known by its key, whatever the project was called when it was made.
    """
    start = f".+ review {review} " if review else re.escape(f"{project} ")
    found = re.fullmatch(start + r"(\d{4,})", name)
    return int(found[1]) if found else None


def is_review(name: str) -> bool:
    """Whether a task of that name looks again at what was labelled before."""
    return re.fullmatch(r".+ review [0-9a-f]{8} \d{4,}", name) is not None


def untouched(jobs: list[Json]) -> bool:
    """Whether nobody has begun to work on any of these jobs."""
    return all(job["state"] == "new" and job["stage"] == "annotation" for job in jobs)


def annotator(job: Json) -> str | None:
    """The login name of the one a job is assigned to."""
    assignee: dict[str, Any] | None = job.get("assignee")
    return assignee["username"] if assignee else None


def _some(lines: list[str]) -> str:
    more = f"; and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return "; ".join(lines[:SHOWN]) + more
