"""What the fake CVAT server knows, and the rules that the real one enforces."""

import base64
import copy
import io
import re
import secrets
import threading
import uuid
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from PIL import Image

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHAPES = ("rectangle", "polygon", "polyline", "points", "ellipse", "cuboid", "mask", "skeleton")
LABEL_TYPES = ("any", "tag", *SHAPES)
PAGE = 10
FILE_ID = re.compile(r"\d+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status, content=None):
        super().__init__(status, content)
        self.status = status
        self.content = content


@dataclass
class User:
    """role: "worker" may only see and annotate, "user" may make things too."""

    id: int
    username: str
    password: str
    token: str
    role: str = "user"

    def json(self):
        return {"id": self.id, "username": self.username, "url": f"http://x/api/users/{self.id}"}


@dataclass
class Upload:
    """Files of a task on their way: complete ones, and those that come in chunks by id."""

    files: dict = field(default_factory=dict)
    chunks: dict = field(default_factory=dict)


class State:
    """All objects of the server. `lock` is held during each request."""

    def __init__(self, version):
        self.lock = threading.RLock()
        self.version = version
        self.users = [
            User(1, "ann", "secret-of-ann", "token-of-ann"),
            User(2, "bob", "secret-of-bob", "token-of-bob", role="worker"),
            User(3, "cid", "secret-of-cid", "token-of-cid"),
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
        if user.role != "user":
            raise Refusal(403, {"detail": "You do not have permission to perform this action."})

    # lists

    @staticmethod
    def page(items, query, filters):
        for name in filters:
            if name in query:
                items = [item for item in items if str(item.get(name)) == query[name]]
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

    def projects_for(self, user):
        return self.projects

    def create_project(self, user, content):
        self._may_make(user)
        if not content["name"].strip():
            raise Refusal(400, {"name": ["This field may not be blank."]})
        project = {
            "id": self.id(),
            "name": content["name"].strip(),  # as Django REST Framework does it with all texts
            "owner": user.json(),
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
        return self.tasks

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

    def upload(self, user, number, headers, fields, url):
        """POST tasks/{id}/data/: the steps of CVAT's upload protocol, or all in one for files in the cloud."""
        task = self.task(number)
        self._may_make(user)
        if task.get("size") or any(one["operation"]["task_id"] == number for one in self._running()):
            raise Refusal(400, "Adding more data is not supported")
        upload = self.uploads.setdefault(number, Upload())
        if "Upload-Start" in headers:
            return 202, {}, {}
        if "Upload-Length" in headers:
            return self._tus_start(user, upload, headers, url)
        if "Upload-Multiple" in headers:
            if "image_quality" not in fields:
                raise Refusal(400, {"image_quality": ["This field is required."]})
            for key, value in fields.items():
                if key.startswith("client_files["):
                    name = PurePath(value[0]).name
                    upload.files[name] = upload.files.get(name, b"") + value[1]  # as CVAT, which opens it to append
            return 200, {}, {}
        files = upload.files if "Upload-Finish" in headers else self._from_cloud(fields)
        request = self._request("create:task", number)
        request["_do"] = lambda: self._take_in(task, files, fields)
        return 202, {"rq_id": request["id"]}, {}

    def _tus_start(self, user, upload, headers, url):
        if headers.get("Tus-Resumable") != "1.0.0":
            raise Refusal(412)
        length = int(headers["Upload-Length"])
        if length > self.largest:
            raise Refusal(413, f"File size exceeds max limit of {self.largest} bytes")
        pairs = (pair.split(" ") for pair in headers["Upload-Metadata"].split(","))
        name = {key: base64.b64decode(value).decode() for key, value in pairs}["filename"]
        file_id = f"{user.id}_{uuid.uuid4()}"
        upload.chunks[file_id] = [name, length, b"", upload]
        self.uploads[file_id] = upload
        return 201, None, {"Location": f"{url.rstrip('/')}/{file_id}", "Upload-Filename": name}

    def tus_chunk(self, method, file_id, headers, body):
        """HEAD and PATCH of a file that comes in chunks."""
        if not FILE_ID.fullmatch(file_id) or file_id not in self.uploads:
            raise Refusal(404, {"detail": "Not found."})
        if headers.get("Tus-Resumable") != "1.0.0":
            raise Refusal(412)
        chunk = self.uploads[file_id].chunks[file_id]
        if method == "PATCH":
            if headers.get("Content-Type") != "application/offset+octet-stream":
                raise Refusal(415)
            if int(headers["Upload-Offset"]) != len(chunk[2]):
                return 409, None, {"Upload-Offset": str(len(chunk[2]))}
            chunk[2] += body
            if len(chunk[2]) == chunk[1]:
                chunk[3].files[chunk[0]] = chunk[2]
        return (
            (204 if method == "PATCH" else 200),
            None,
            {
                "Upload-Offset": str(len(chunk[2])),
                "Upload-Length": str(chunk[1]),
                "Upload-Filename": chunk[0],
            },
        )

    def _from_cloud(self, fields):
        storage = fields.get("cloud_storage_id")
        if storage is None:
            raise Refusal(400, {"server_files": ["there is no share on this server"]})
        self._find(self.storages, storage, "CloudStorage")
        missing = [key for key in fields["server_files"] if key not in self.bucket]
        if missing:
            raise Refusal(400, [f"Could not find a file {missing[0]} on the cloud storage"])
        return {key: self.bucket[key] for key in fields["server_files"]}

    def _take_in(self, task, files, fields):
        """What a worker of the server does with the files once the upload is finished."""
        order = fields.get("upload_file_order") or fields.get("server_files") or sorted(files)
        if fields.get("sorting_method") != "predefined":
            order = sorted(files)
        if sorted(order) != sorted(files):
            raise ValueError("Uploaded files do not match the upload_file_order field contents.")
        if not files:
            raise ValueError("No media data found")
        frames = []
        for name in order:
            try:
                Image.open(io.BytesIO(files[name])).verify()
            except Exception as error:
                raise ValueError(f"{name}: cannot identify image file") from error
            frames.append((name, files[name]))
        self.frames[task["id"]] = frames
        task |= {"size": len(frames), "data": self.id(), "mode": "annotation", "data_chunk_size": 2}
        task["updated_date"] = self.now()
        self.add_job(task["id"], range(len(frames)))

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
            width, height = Image.open(io.BytesIO(data)).size
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

    # operations that take time

    def _request(self, kind, task):
        request = {
            "id": f"action=create&target=task&id={task}-{self.id()}",
            "status": "queued",
            "message": "",
            "operation": {"type": kind, "target": "task", "task_id": task},
            "created_date": self.now(),
            "_polls": 0,
        }
        self.requests.append(request)
        return request

    def _running(self):
        return [request for request in self.requests if request["status"] in ("queued", "started")]

    def all_requests(self):
        return [{**self._shown(one), "task_id": one["operation"]["task_id"]} for one in self.requests]

    @staticmethod
    def _shown(request):
        return {key: value for key, value in request.items() if not key.startswith("_")}

    def poll(self, name):
        """GET requests/{id}: after `polls` of them it has ended."""
        request = self._find(self.requests, name, "Request")
        request["_polls"] += 1
        if request["status"] in ("queued", "started"):
            request["status"] = "started"
            if request["_polls"] >= self.polls:
                try:
                    request["_do"]()
                    request["status"] = "finished"
                except ValueError as error:
                    told = "Traceback (most recent call last):\n" + '  File "worker.py", line 1, in work\n' * 9
                    request |= {"status": "failed", "message": f"{told}{type(error).__name__}: {error}"}
        return self._shown(request)

    # jobs and what is drawn

    def all_jobs(self):
        return self.jobs

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

    def annotations(self, jobs):
        kinds = ("shapes", "tracks", "tags")
        return {"version": 1} | {kind: [one for job in jobs for one in self.drawn[job["id"]][kind]] for kind in kinds}

    def annotate(self, user, jobs, action, content):
        if action not in ("create", "replace"):
            raise Refusal(400, f"action {action} is none that this server knows")
        new = {job["id"]: {"shapes": [], "tracks": [], "tags": []} for job in jobs}
        for kind in ("shapes", "tracks", "tags"):
            for entry in content.get(kind, []):
                job = self._job_of(jobs, entry)
                self._check(job, kind, entry)
                new[job["id"]][kind].append(copy.deepcopy(entry) | {"id": self.id()})
        for job in jobs:  # all is right: now, and only now, it counts
            drawn = self.drawn[job["id"]]
            for kind in drawn:
                drawn[kind] = (drawn[kind] if action == "create" else []) + new[job["id"]][kind]
            job["updated_date"] = self.now()
        return self.annotations(jobs)

    @staticmethod
    def _job_of(jobs, entry):
        for job in jobs:
            if job["type"] == "annotation" and job["start_frame"] <= entry["frame"] <= job["stop_frame"]:
                return job
        if len(jobs) == 1:
            return jobs[0]
        raise Refusal(400, f"frame {entry['frame']} is in no job")

    def _check(self, job, kind, entry):
        label = next((one for one in self.labels if one["id"] == entry["label_id"]), None)
        if label is None or label["project_id"] != job["project_id"]:
            raise Refusal(400, f"label_id {entry['label_id']} is not one of this task's")
        specs = {attribute["id"]: attribute for attribute in label["attributes"]}
        for value in entry.get("attributes", []):
            spec = specs.get(value["spec_id"])
            if spec is None:
                raise Refusal(400, f"spec_id {value['spec_id']} is not one of label {label['name']}")
            self._check_value(spec, value["value"])
        if kind != "shapes":
            return
        if entry["type"] not in SHAPES or label["type"] not in ("any", entry["type"]):
            raise Refusal(400, f"a {entry['type']} cannot have the label {label['name']}")
        points, name = entry["points"], self.frames[job["task_id"]][entry["frame"]]
        width, height = Image.open(io.BytesIO(name[1])).size
        if entry["type"] == "polygon" and (len(points) < 6 or len(points) % 2):
            raise Refusal(400, "a polygon has at least 3 points")
        if entry["type"] == "rectangle" and len(points) != 4:
            raise Refusal(400, "a rectangle has 2 points")
        if entry["type"] == "mask":
            *runs, left, top, right, bottom = points
            fits = 0 <= left <= right < width and 0 <= top <= bottom < height
            if not fits or sum(runs) != (right - left + 1) * (bottom - top + 1):
                raise Refusal(400, "a mask's run lengths must fill its box, which must fit the frame")

    @staticmethod
    def _check_value(spec, value):
        kind, values = spec["input_type"], spec["values"]
        good = {
            "checkbox": lambda: value in ("true", "false"),
            "select": lambda: value in values,
            "radio": lambda: value in values,
            "number": lambda: re.fullmatch(r"-?\d+", value) and int(values[0]) <= int(value) <= int(values[1]),
            "text": lambda: True,
        }[kind]()
        if not good:
            raise Refusal(400, f"{value!r} is no value of the attribute {spec['name']}")

    def create_issue(self, user, content):
        job, position = self.job(content["job"]), content["position"]
        if not job["start_frame"] <= content["frame"] <= job["stop_frame"] or len(position) < 2 or len(position) % 2:
            raise Refusal(400, {"position": ["is none on a frame of the job"]})
        issue = {"id": self.id(), "job_id": job["id"], "owner": user.json(), "resolved": False}
        self.issues.append(issue | {key: content[key] for key in ("job", "frame", "position")})
        self.messages.append(content["message"])
        return self.issues[-1]

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
