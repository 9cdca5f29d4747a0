"""What the fake CVAT server knows, and the rules that the real one enforces."""

import io
import re
import secrets
import threading
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from tests.label.cvat.fake_cvat_drawings import SHAPES, Drawings, upright_size
from tests.label.cvat.fake_cvat_refusal import Refusal
from tests.label.cvat.fake_cvat_upload import Uploads

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
LABEL_TYPES = ("any", "tag", *SHAPES)
PAGE = 10


@dataclass
class User:
    """role: "worker" may only see and annotate, "user" may make things too, "admin" sees and may do everything."""

    id: int
    username: str
    password: str
    token: str
    role: str = "user"

    def __post_init__(self):
        assert len(self.username) >= 5, "CVAT registers no shorter names"

    def json(self):
        return {"id": self.id, "username": self.username, "url": f"http://x/api/users/{self.id}"}


class State(Uploads, Drawings):
    """All objects of the server. `lock` is held during each request."""

    def __init__(self, version):
        self.lock = threading.RLock()
        self.version = version
        self.users = [
            User(1, "annie", "secret-of-annie", "token-of-annie"),
            User(2, "bobby", "secret-of-bobby", "token-of-bobby", role="worker"),
            User(3, "cindy", "secret-of-cindy", "token-of-cindy"),
            User(4, "admin", "secret-of-admin", "token-of-admin", role="admin"),
        ]
        self.sessions = {}
        self.projects, self.tasks, self.jobs, self.labels, self.storages, self.requests = [], [], [], [], [], []
        self.frames = {}  # task -> [(name, bytes)]
        self.deleted = {}  # task -> [frame]
        self.included = {}  # job -> [frame], where not all
        self.uploads = {}
        self.issues, self.messages = [], []
        self.drawn = {}  # job -> {"shapes": [], "tracks": [], "tags": []}
        self.polls = 2  # how often a request is asked about before it has ended
        self.largest = 2**30  # bytes that a file may have
        self.most_tasks = None  # a quota
        self.bucket = {}  # key -> bytes of what lies in the cloud
        self._ids = 0
        self._clock = 0

    def id(self):
        self._ids += 1
        return self._ids

    def now(self):
        self._clock += 1
        return (START + timedelta(seconds=self._clock)).isoformat().replace("+00:00", "Z")

    # who asks

    def login(self, content):
        for user in self.users:
            if (user.username, user.password) == (content.get("username"), content.get("password")):
                session, csrf = secrets.token_hex(16), secrets.token_hex(16)
                self.sessions[session] = (user, csrf)
                return session, csrf
        raise Refusal(400, {"non_field_errors": ["Unable to log in with provided credentials."]})

    def user_of_token(self, token):
        for user in self.users:
            if user.token == token:
                return user
        raise Refusal(401, {"detail": "Invalid token."})

    def user_of_session(self, session, csrf, changes):
        if session not in self.sessions:
            raise Refusal(401, {"detail": "Authentication credentials were not provided."})
        user, expected = self.sessions[session]
        if changes and csrf != expected:
            raise Refusal(403, {"detail": "CSRF Failed: CSRF token missing or incorrect."})
        return user

    @staticmethod
    def _may_make(user):
        if user.role == "worker":
            raise Refusal(403, {"detail": "You do not have permission to perform this action."})

    # lists

    @staticmethod
    def page(items, query, filters):
        for name in filters:
            if name in query:
                items = [item for item in items if str(item.get(name)) == query[name]]
        items = sorted(items, key=lambda item: str(item.get("created_date", "")), reverse=True)  # newest first
        size = min(int(query.get("page_size", PAGE)), PAGE)  # small, so that clients must turn pages
        number = int(query.get("page", 1))
        start = (number - 1) * size
        if number < 1 or (start and start >= len(items)):
            raise Refusal(404, {"detail": "Invalid page."})
        more = f"http://x?page={number + 1}" if start + size < len(items) else None
        return {"count": len(items), "next": more, "previous": None, "results": items[start : start + size]}

    @staticmethod
    def _find(items, number, what):
        for item in items:
            if item["id"] == number:
                return item
        raise Refusal(404, {"detail": f"No {what} matches the given query."})

    # projects and labels

    @staticmethod
    def _of(user, thing):
        people = thing.get("owner"), thing.get("assignee")
        return user.role == "admin" or any(one and one["id"] == user.id for one in people)

    def projects_for(self, user, organisation=None):
        """Those that a user owns or is assigned, an admin all; of one organisation, "" for none, or of any (None)."""
        seen = [one for one in self.projects if self._of(user, one)]
        return [one for one in seen if organisation in (None, one["organization"] or "")]

    def create_project(self, user, content, organisation=None):
        self._may_make(user)
        if not content["name"].strip():
            raise Refusal(400, {"name": ["This field may not be blank."]})
        project = {
            "id": self.id(),
            "name": content["name"].strip(),  # as Django REST Framework does it with all texts
            "owner": user.json(),
            "assignee": None,
            "organization": organisation or None,
            "created_date": self.now(),
            "updated_date": self.now(),
            "tasks": {"count": 0, "url": "http://x"},
            "labels": {"url": "http://x"},
        }
        names = [label["name"] for label in content.get("labels", [])]
        if len(set(names)) < len(names):
            raise Refusal(400, {"labels": ["All label names must be unique"]})
        labels = [self._label(project["id"], label) for label in content.get("labels", [])]
        self.projects.append(project)
        self.labels += labels
        return project

    def _label(self, project, content):
        kind = content.get("type", "any")
        if kind not in LABEL_TYPES:
            raise Refusal(400, {"labels": [{"type": [f'"{kind}" is not a valid choice.']}]})
        if not re.fullmatch(r"#[0-9a-f]{6}", content.get("color", "#000000")):
            raise Refusal(400, {"labels": [{"color": ["This value does not match the required pattern."]}]})
        attributes = []
        for attribute in content.get("attributes", []):
            values, wanted = attribute["values"], attribute["input_type"]
            if wanted not in ("select", "radio", "checkbox", "number", "text"):
                raise Refusal(400, {"labels": [{"attributes": [{"input_type": ["is not a valid choice."]}]}]})
            if wanted == "number" and (len(values) != 3 or not all(re.fullmatch(r"-?\d+", one) for one in values)):
                raise Refusal(400, {"labels": ["a number needs min, max and step"]})
            if wanted in ("select", "radio") and attribute.get("default_value", values[0]) not in values:
                raise Refusal(400, {"labels": ["the default value is none of the values"]})
            attributes.append({"default_value": "", "mutable": False, **attribute, "id": self.id()})
        return {
            "id": self.id(),
            "name": content["name"],
            "color": content.get("color", "#000000"),
            "type": kind,
            "attributes": attributes,
            "sublabels": [],
            "project_id": project,
            "has_parent": False,
        }

    def labels_of(self, query):
        project = query.get("project_id")
        if "task_id" in query:
            project = self.task(int(query["task_id"]))["project_id"]
        if "job_id" in query:
            project = self.job(int(query["job_id"]))["project_id"]
        return [label for label in self.labels if str(label["project_id"]) == str(project)]

    # tasks and their data

    def tasks_for(self, user):
        mine = {project["id"] for project in self.projects_for(user)}
        return [task for task in self.tasks if task["project_id"] in mine or self._of(user, task)]

    def task(self, number):
        return self._find(self.tasks, number, "Task")

    def create_task(self, user, content):
        self._may_make(user)
        self._find(self.projects, content["project_id"], "Project")
        if self.most_tasks is not None and len(self.tasks) >= self.most_tasks:
            raise Refusal(403, ["You've reached the maximum number of tasks: upgrade your plan"])
        if content.get("labels"):
            raise Refusal(400, ["Labels of a task in a project are the project's"])
        task = {
            "id": self.id(),
            "name": content["name"],
            "project_id": content["project_id"],
            "owner": user.json(),
            "assignee": None,
            "subset": content.get("subset", ""),
            "mode": "",  # as with CVAT, "size" is not there at all before there is data
            "dimension": "2d",
            "data": None,
            "data_chunk_size": None,
            "data_original_chunk_type": "imageset",
            "data_compressed_chunk_type": "imageset",
            "segment_size": content.get("segment_size", 0),
            "created_date": self.now(),
            "updated_date": self.now(),
            "jobs": {"count": 0, "completed": 0, "validation": 0, "url": "http://x"},
            "labels": {"url": "http://x"},
            "organization": None,
        }
        self.tasks.append(task)
        return task

    def delete_task(self, user, number):
        self._may_make(user)
        task = self.task(number)
        if task["owner"]["id"] != user.id:
            raise Refusal(403, {"detail": "You do not have permission to perform this action."})
        self.tasks.remove(task)
        self.jobs = [job for job in self.jobs if job["task_id"] != number]
        self.uploads.pop(number, None)
        self.frames.pop(number, None)
        self.requests = [one for one in self.requests if one["operation"]["task_id"] != number]

    def add_job(self, task, frames, kind="annotation", included=None):
        """A job on frames of a task; its id."""
        job = {
            "id": self.id(),
            "task_id": task,
            "project_id": self.task(task)["project_id"],
            "type": kind,
            "stage": "annotation",
            "state": "new",
            "assignee": None,
            "start_frame": frames[0],
            "stop_frame": frames[-1],
            "frame_count": len(frames),
            "mode": "annotation",
            "dimension": "2d",
            "created_date": self.now(),
            "updated_date": self.now(),
            "issues": {"count": 0, "url": "http://x"},
            "labels": {"url": "http://x"},
        }
        self.jobs.append(job)
        self.drawn[job["id"]] = {"shapes": [], "tracks": [], "tags": []}
        if included is not None:
            self.included[job["id"]] = included
        return job["id"]

    def meta(self, number):
        task = self.task(number)
        if not task.get("size"):
            raise Refusal(400, "The task has no data")
        frames = []
        for name, data in self.frames[number]:
            width, height = upright_size(data)
            frames.append({"name": name, "width": width, "height": height, "related_files": 0})
        return {
            "chunks_updated_date": self.now(),
            "frames": frames,
            "deleted_frames": self.deleted.get(number, []),
            "chunk_size": 2,
            "size": len(frames),
            "image_quality": 95,
            "start_frame": 0,
            "stop_frame": len(frames) - 1,
            "included_frames": None,
        }

    def job_meta(self, number):
        job = self.job(number)
        meta = self.meta(job["task_id"])
        frames = meta["frames"][job["start_frame"] : job["stop_frame"] + 1]
        return {**meta, "frames": frames, "size": len(frames), "included_frames": self.included.get(number)}

    def data(self, number, query):
        frames = self.frames[number]
        if query["type"] == "frame":
            return frames[int(query["number"])][1]
        archive = io.BytesIO()
        start = 2 * int(query["number"])
        with zipfile.ZipFile(archive, "w") as file:
            for i, (name, data) in enumerate(frames[start : start + 2]):
                file.writestr(f"{i:06d}{PurePath(name).suffix}", data)
        return archive.getvalue()

    # jobs and what is drawn

    def jobs_for(self, user):
        mine = {task["id"] for task in self.tasks_for(user)}
        return [job for job in self.jobs if job["task_id"] in mine or self._of(user, job)]

    def job(self, number):
        return self._find(self.jobs, number, "Job")

    def jobs_of(self, task):
        self.task(task)
        return [job for job in self.jobs if job["task_id"] == task]

    def update_job(self, user, number, content):
        job = self.job(number)
        if "assignee" in content:
            job["assignee"] = next((one.json() for one in self.users if one.id == content["assignee"]), None)
        job |= {key: value for key, value in content.items() if key in ("stage", "state")}
        job["updated_date"] = self.now()
        return job

    # buckets

    def create_storage(self, user, content):
        self._may_make(user)
        if content["provider_type"] not in ("AWS_S3_BUCKET", "GOOGLE_CLOUD_STORAGE", "AZURE_CONTAINER"):
            raise Refusal(400, {"provider_type": ["is not a valid choice."]})
        if content["credentials_type"] == "KEY_SECRET_KEY_PAIR" and not (
            content.get("key") and content.get("secret_key")
        ):
            raise Refusal(400, ["key and secret_key are needed"])
        shown = ("provider_type", "resource", "display_name", "credentials_type", "specific_attributes")
        storage = {"id": self.id(), "owner": user.json()} | {key: content[key] for key in shown if key in content}
        self.storages.append(storage)
        return storage
