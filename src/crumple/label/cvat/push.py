"""Photos to a CVAT project, task by task.

What is there is asked of the server, never remembered here: so a push that was cut off anywhere, on whatever machine,
is continued by the same command, and no photo comes twice.

    a task that was announced but whose upload was cut off   is removed (nobody can have worked on it) and made anew
    a task that the server is still taking in                is waited for
    a task that was never drafted                            is drafted, unless an annotator has begun on it
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from crumple.errors import DataError
from crumple.label.annotations import LabelledObject
from crumple.label.cvat.batches import Batch, cut
from crumple.label.cvat.cloud import find_storage, split_url
from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.frame_names import frame_name, frame_sha256
from crumple.label.cvat.project import Project, Task, read_task, task_name, task_number, untouched
from crumple.label.cvat.server import Json, Server
from crumple.label.cvat.shapes import to_cvat
from crumple.label.photos import LabelPhoto, decode
from crumple.label.reporter import Reporter
from crumple.storage import Folder

Draft = Callable[[LabelPhoto], tuple[list[LabelledObject], tuple[int, int]]]
Box = tuple[float, float, float, float]
Notes = Callable[[LabelPhoto], list[tuple[Box, str]]]
Arrange = Callable[[Sequence[LabelPhoto], Sequence[LabelPhoto]], Sequence[LabelPhoto]]
# Pixels to which a photo is decoded to see whether it is whole; a JPEG takes less time the fewer they are.
CHECKED_SIDE = 256


@dataclass
class Pushed:
    """What a push did. present: photos that were in the project before."""

    photos: int = 0
    tasks: int = 0
    present: int = 0
    drafted: int = 0
    objects: int = 0


class Push:
    """A push of photos into one project.

    Args:
        folder: where the photos lie; one in gs:// or s3:// is not uploaded but read by CVAT itself.
        size: photos of a task. limit: how many new photos to push at most; None: all.
        draft: of a photo, the objects to begin with, and the photo's height and width; None: no draft.
        notes: of a photo, remarks for the annotator, each with its place (left, top, right, bottom); with a draft only.
        review: 8 hex digits; the tasks are reviews, and photos of other tasks do not count as present.
        hand_over_keys: see `crumple.label.cvat.cloud.find_storage`.
    """

    def __init__(
        self,
        server: Server,
        project: Project,
        folder: Folder,
        *,
        size: int = 50,
        limit: int | None = None,
        draft: Draft | None = None,
        notes: Notes | None = None,
        review: str | None = None,
        hand_over_keys: bool = False,
        reporter: Reporter | None = None,
    ) -> None:
        self.server = server
        self.project = project
        self.folder = folder
        self.size = size
        self.limit = limit
        self.draft = draft
        self.notes = notes
        self.review = review
        self.hand_over_keys = hand_over_keys
        self.reporter = reporter or Reporter()
        self.done = Pushed()

    def run(self, photos: Sequence[LabelPhoto], arrange: Arrange = lambda new, present: new) -> Pushed:
        """Push those that are not there yet, in the order of `arrange(new, present)`."""
        by_sha256 = {photo.sha256: photo for photo in photos}
        tasks, number = self._tasks(photos)
        there = {frame.sha256 for task in tasks for frame in task.frames}
        present = [photo for photo in photos if photo.sha256 in there]
        new = [photo for photo in photos if photo.sha256 not in there]
        self.done.present = len(present)
        self._finish_drafts(tasks, by_sha256)
        batches = cut(arrange(new, present), self.size, self.limit)
        storage = find_storage(self.server, self.folder, self.hand_over_keys) if self._remote and batches else None
        coming = sum(len(batch.photos) for batch in batches)
        self.reporter.begin("photos uploaded", coming)
        if self.draft:
            self.reporter.begin("photos drafted", coming)
        for batch in batches:
            name = task_name(self.project.name, number, self.review)
            task = self.server.create_task(self.project.id, name, batch.split)
            self._upload(task["id"], batch, storage)
            self.done.tasks += 1
            self.done.photos += len(batch.photos)
            self.reporter.advance("photos uploaded", len(batch.photos))
            self._draft(read_task(self.server, task, self._sha256_of(photos)), by_sha256)
            number += 1
        return self.done

    @property
    def _remote(self) -> bool:
        return self.folder.path is None

    def _tasks(self, photos: Sequence[LabelPhoto]) -> tuple[list[Task], int]:
        """The tasks whose photos count as present, and the number for the next one.

        What is left of an earlier push that was cut off is cleared away.
        """
        tasks, next_number = [], 1
        for task in self.server.tasks(self.project.id):
            number = task_number(self.project.name, task["name"], self.review)
            next_number = max(next_number, (number or 0) + 1)
            there = task.get("size") or (number is not None and self._settled(task))
            if there and (self.review is None or number is not None):
                tasks.append(read_task(self.server, task, self._sha256_of(photos)))
        return tasks, next_number

    def _settled(self, task: Json) -> bool:
        """Wait for a task that the server is taking in; remove one that it is not. Whether the task is there now."""
        owner = (task.get("owner") or {}).get("username")
        if owner != self.server.user():
            self.reporter.say(f"task {task['id']} ({task['name']}) of {owner} has no data; it is left alone")
            return False
        for request in self.server.running(task["id"]):
            self.reporter.say(f"task {task['id']} ({task['name']}) is still being taken in by the server; waiting")
            try:
                self.server.wait(request)
                return True
            except CvatError as error:
                self.reporter.say(f"task {task['id']} ({task['name']}): {error}")
        self.reporter.say(f"task {task['id']} ({task['name']}) was half uploaded; it is made anew")
        self.server.remove_task(task["id"])
        return False

    def _sha256_of(self, photos: Sequence[LabelPhoto]) -> Callable[[str], str | None]:
        """Frames of uploaded photos have the hash in their names; objects of a bucket are looked up."""
        prefix = split_url(self.folder)[2] if self._remote else ""
        keys = {prefix + photo.name: photo.sha256 for photo in photos} if self._remote else {}
        return lambda name: frame_sha256(name) or keys.get(name)

    def _upload(self, task: int, batch: Batch, storage: int | None) -> None:
        if storage is not None:
            prefix = split_url(self.folder)[2]
            self.server.attach(task, [prefix + photo.name for photo in batch.photos], storage)
            return
        with tempfile.TemporaryDirectory(prefix="crumple-") as folder:
            files = [Path(folder, frame_name(photo.name, photo.sha256)) for photo in batch.photos]
            for photo, file in zip(batch.photos, files, strict=True):
                file.write_bytes(self._checked(photo))
            self.server.upload(task, files)

    def _checked(self, photo: LabelPhoto) -> bytes:
        try:
            data = self.folder.read(photo.name)
        except FileNotFoundError:
            raise DataError(f"{self.folder.where(photo.name)}: there is no such file any more; prepare again") from None
        if hashlib.sha256(data).hexdigest() != photo.sha256:
            raise DataError(f"{self.folder.where(photo.name)}: is not the file that the manifest names; prepare again")
        decode(data, self.folder.where(photo.name), max_side=CHECKED_SIDE)  # the server takes all, or nothing
        return data

    def _finish_drafts(self, tasks: Iterable[Task], photos: dict[str, LabelPhoto]) -> None:
        """Draft the tasks of earlier pushes that have nothing on them and that nobody has begun."""
        if self.draft is None:
            return
        for task in tasks:
            ours = task_number(self.project.name, task.name, self.review) is not None
            if not ours or not untouched(self.server.jobs(task_id=task.id)):
                continue
            drawn = self.server.task_annotations(task.id)
            if not any(drawn.get(kind) for kind in ("shapes", "tracks", "tags")):
                self.reporter.begin("photos drafted", len(task.frames))
                self._draft(task, photos)

    def _draft(self, task: Task, photos: dict[str, LabelPhoto]) -> None:
        if self.draft is None:
            return
        self._note(task, photos)
        labels = {label["name"]: label for label in self.project.labels}
        groups, shapes, objects = count(1), [], 0
        for frame in task.frames:
            photo = photos.get(frame.sha256 or "")
            if photo is not None and not frame.deleted:
                drawn, size = self.draft(photo)
                if size != (frame.height, frame.width):
                    there = f"{frame.width}x{frame.height}"
                    raise CvatError(
                        f"task {task.id}, {frame.name}: CVAT shows it as {there} pixels, and here it is "
                        f"{size[1]}x{size[0]}; prepare the photos, which turns them upright, and push those"
                    )
                drawn = self._known(drawn, labels, frame.name)
                shapes += to_cvat(drawn, frame.number, labels, groups, size)
                objects += len(drawn)
            self.reporter.advance("photos drafted")
        if shapes:
            self.server.add_shapes(task.id, shapes)
        self.done.drafted += len(task.frames)
        self.done.objects += objects

    def _known(self, drawn: list[LabelledObject], labels: dict[str, Json], frame: str) -> list[LabelledObject]:
        """The objects that the project has labels for. Of a review none may be missing: its labels replace the old."""
        unknown = sorted({one.label for one in drawn} - labels.keys())
        if unknown and self.review:
            raise CvatError(
                f"project {self.project.name!r}: has no label {unknown[0]}, which is to be reviewed on {frame}; add "
                "it in CVAT, or push to a project of another name"
            )
        return [one for one in drawn if one.label in labels]

    def _note(self, task: Task, photos: dict[str, LabelPhoto]) -> None:
        """Remarks come before the draft: until that is there, a push that was cut off looks at the task again."""
        if self.notes is None:
            return
        job = self.server.jobs(task_id=task.id)[0]
        there = {(note["frame"], tuple(note["position"])) for note in self.server.notes(job["id"])}
        for frame in task.frames:
            photo = photos.get(frame.sha256 or "")
            for box, text in self.notes(photo) if photo else []:
                if (frame.number, box) not in there:
                    self.server.add_note(job["id"], frame.number, box, text)
                    there.add((frame.number, box))
