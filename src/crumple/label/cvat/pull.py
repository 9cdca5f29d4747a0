"""Finished labels out of a CVAT project into a version folder, with where each of them comes from.

Where a photo was labelled more than once, the set that counts is the latest of an ordinary job; replicas of a consensus
task and ground truth stand behind it, for the check of agreement. A review takes the place of what it reviewed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version as package_version

from crumple.label.annotations import AnnotationSet, LabelledObject, VersionPhoto
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.frame_names import frame_sha256
from crumple.label.cvat.project import ORDINARY, Frame, Project, Task, annotator, is_review, read_task
from crumple.label.cvat.server import Json, Server
from crumple.label.cvat.shapes import Refused, from_cvat
from crumple.label.photos import LabelPhoto
from crumple.label.reporter import Reporter

STATES = ("new", "in progress", "rejected", "completed")
STAGES = ("annotation", "validation", "acceptance")


@dataclass(frozen=True)
class Labelling:
    """One photo as one job labelled it."""

    task: Task
    job: Json
    frame: Frame
    objects: tuple[LabelledObject, ...]

    def rank(self) -> tuple[bool, str, int]:
        """Sorts the one that counts last."""
        return self.job["type"] == ORDINARY, self.job["updated_date"], self.job["id"]


@dataclass
class Pulled:
    """What a pull found. unfinished: jobs that were left out for their state or stage, by both.

    left_out: frames of photos that are not known, by number, by the name of their task.
    """

    photos: list[VersionPhoto] = field(default_factory=list)
    manifest: Json = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    unfinished: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: dict[str, dict[int, str]] = field(default_factory=dict)

    @property
    def objects(self) -> int:
        """How many there are in the sets that count."""
        return sum(len(photo.objects) for photo in self.photos)


def pull(
    server: Server,
    project: Project,
    photos: Iterable[LabelPhoto] | None,
    *,
    keys: Mapping[str, str] | None = None,
    states: Iterable[str] = ("completed",),
    stages: Iterable[str] = STAGES,
    reporter: Reporter | None = None,
) -> Pulled:
    """Read the jobs in one of these states and stages.

    Args:
        photos: those that were pushed, which give names, groups and splits; None: not known, frames keep their names.
            Frames of other photos, as those of a task that somebody made by hand, are left out.
        keys: hashes by the names that photos of a bucket have in CVAT.

    Raises CvatError if no job is finished, or none of the frames is of `photos`.
    """
    reporter = reporter or Reporter()
    known = None if photos is None else {photo.sha256: photo for photo in photos}
    pulled = Pulled()
    chosen = []
    for job in server.jobs(project_id=project.id):
        if job["state"] in states and job["stage"] in stages:
            chosen.append(job)
        else:
            pulled.unfinished[job["stage"], job["state"]] += 1
    if not chosen:
        waiting = ", ".join(f"{count} {state} in {stage}" for (stage, state), count in pulled.unfinished.items())
        within = "" if set(stages) == set(STAGES) else f" in {' or '.join(stages)}"
        raise CvatError(
            f"project {project.name!r}: no job is {' or '.join(states)}{within}; there are: {waiting or 'no jobs'}; "
            "see --state and --stage"
        )
    reporter.begin("jobs read", len(chosen))
    tasks = {task["id"]: task for task in server.tasks(project.id)}
    read: dict[int, Task] = {}
    found: list[Labelling] = []
    for job in chosen:
        number = job["task_id"]
        if number not in read:
            read[number] = read_task(server, tasks[number], _hashes(keys or {}))
        labelled, wrong = _labellings(server, project, read[number], job)
        ours = [one for one in labelled if known is None or one.frame.sha256 in known]
        foreign = {one.frame.number: one.frame.name for one in labelled if one not in ours}
        pulled.left_out.setdefault(read[number].name, {}).update(foreign)
        pulled.refused += [one for one in wrong if one.frame not in foreign]
        found += ours
        reporter.advance("jobs read")
    if not found and any(pulled.left_out.values()):
        raise CvatError(
            f"project {project.name!r}: none of its {sum(map(len, pulled.left_out.values()))} photos is among those of "
            "--photos; give the folder that was pushed"
        )
    counted = _by_photo(found)
    pulled.photos = [_photo(key, labellings, known) for key, labellings in sorted(counted.items())]
    pulled.photos.sort(key=lambda photo: photo.file_name)
    pulled.manifest = _manifest(server, project, found, counted, pulled, {"states": [*states], "stages": [*stages]})
    return pulled


def _hashes(keys: Mapping[str, str]) -> Callable[[str], str | None]:
    return lambda name: frame_sha256(name) or keys.get(name)


def _labellings(server: Server, project: Project, task: Task, job: Json) -> tuple[list[Labelling], list[Refused]]:
    """The photos of one job, those without any object too: somebody looked and found nothing. And what is refused."""
    meta = server.job_frames(job["id"])
    included = meta.get("included_frames")
    numbers = set(range(job["start_frame"], job["stop_frame"] + 1) if included is None else included)
    frames = [frame for frame in task.frames if frame.number in numbers and not frame.deleted]
    frames = [frame for frame in frames if frame.number not in meta["deleted_frames"]]
    sizes = {frame.number: (frame.height, frame.width) for frame in frames}
    objects, refused = from_cvat(server.job_annotations(job["id"]), job["id"], project.labels, sizes)
    return [Labelling(task, job, frame, tuple(objects.get(frame.number, ()))) for frame in frames], refused


def _by_photo(found: Iterable[Labelling]) -> dict[str, list[Labelling]]:
    """The labellings of each photo (by hash, or name without one), the one that counts first."""
    by_photo: dict[str, list[Labelling]] = {}
    for labelling in found:
        by_photo.setdefault(labelling.frame.sha256 or labelling.frame.name, []).append(labelling)
    for key, labellings in by_photo.items():
        labellings.sort(key=Labelling.rank, reverse=True)
        reviews = [one for one in labellings if is_review(one.task.name)]
        by_photo[key] = reviews[:1] or labellings
    return by_photo


def _photo(key: str, labellings: list[Labelling], known: Mapping[str, LabelPhoto] | None) -> VersionPhoto:
    first = labellings[0]
    photo = (known or {}).get(key)
    return VersionPhoto(
        photo.name if photo else first.frame.name,
        first.frame.width,
        first.frame.height,
        tuple(AnnotationSet(one.objects, annotator(one.job), one.job["id"]) for one in labellings),
        first.frame.sha256,
        photo.group if photo else None,
        (photo.split if photo else None) or first.task.subset or None,
        licence=photo.licence if photo else None,
    )


def _manifest(
    server: Server,
    project: Project,
    found: list[Labelling],
    counted: Mapping[str, list[Labelling]],
    pulled: Pulled,
    chosen: Json,
) -> Json:
    """Server, project, tasks, jobs, annotators, times, photo hashes and tools."""
    tasks = {one.task.id: one.task for one in found}
    jobs = {one.job["id"]: one for one in found}
    names = {photo.sha256 or photo.file_name: photo.file_name for photo in pulled.photos}
    return {
        "made_by": "crumple label pull",
        "server": {"url": server.login.url, "version": server.version()},
        "user": server.user(),
        "project": {"id": project.id, "name": project.name},
        "chosen": chosen,
        "tasks": [
            {"id": task.id, "name": task.name, "subset": task.subset, "updated": task.updated}
            for task in tasks.values()
        ],
        "jobs": [
            {
                "id": one.job["id"],
                "task": one.task.id,
                "type": one.job["type"],
                "stage": one.job["stage"],
                "state": one.job["state"],
                "annotator": annotator(one.job),
                "updated": one.job["updated_date"],
            }
            for one in jobs.values()
        ],
        "photos": [
            {
                "file_name": names[key],
                "sha256": one.frame.sha256,
                "task": one.task.id,
                "job": one.job["id"],
                "frame": one.frame.number,
                "frame_name": one.frame.name,
                "annotator": annotator(one.job),
                "time": one.job["updated_date"],
            }
            for key, labellings in sorted(counted.items(), key=lambda item: names[item[0]])
            for one in labellings
        ],
        "refused": [asdict(one) for one in pulled.refused],
        "left_out": {task: sorted(frames.values()) for task, frames in pulled.left_out.items() if frames},
        "unfinished_jobs": sum(pulled.unfinished.values()),
        "tools": {"cvat-sdk": package_version("cvat-sdk"), "cvat-server": server.version()},
    }
