"""What is asked of a CVAT server, verb by verb, through its SDK; answers are plain JSON, as its OpenAPI has them.

The SDK's models are not used for answers: they refuse what an older server leaves out and what a newer one has added.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from crumple.label.cvat.connection import Login, connect, read_json, telling

Json = dict[str, Any]
# How good the pictures are that annotators see, 0 to 100: at CVAT's own 70 fine scratches blur.
PICTURE_QUALITY = 95


class Server:
    """A CVAT server that one is logged in to."""

    def __init__(self, client: Any, login: Login) -> None:
        self.client = client
        self.login = login

    def version(self) -> str:
        """Of the server."""
        with self._telling():
            return str(read_json(self.client.api_client.server_api.retrieve_about)["version"])

    def user(self) -> str:
        """The name that one is logged in with."""
        with self._telling():
            return str(read_json(self.client.api_client.users_api.retrieve_self)["username"])

    def projects(self, name: str | None = None) -> list[Json]:
        """Those that one may see; with a name, those of exactly that name."""
        options = {} if name is None else {"name": name}
        found = self._all(self.client.api_client.projects_api, **options)
        return [project for project in found if name is None or project["name"] == name]

    def create_project(self, name: str, labels: Sequence[Json]) -> Json:
        """A new project with these labels."""
        with self._telling(f"project {name}"):
            spec = {"name": name, "labels": list(labels)}
            return read_json(self.client.api_client.projects_api.create, project_write_request=spec)

    def labels(self, project: int) -> list[Json]:
        """With their ids and attributes."""
        return self._all(self.client.api_client.labels_api, project_id=project)

    def tasks(self, project: int) -> list[Json]:
        """All tasks of a project, oldest first."""
        return sorted(self._all(self.client.api_client.tasks_api, project_id=project), key=lambda task: task["id"])

    def create_task(self, project: int, name: str, subset: str) -> Json:
        """A task without data. subset: train, val ..., "" for none."""
        with self._telling(f"task {name}"):
            spec = {"name": name, "project_id": project, "subset": subset}
            return read_json(self.client.api_client.tasks_api.create, task_write_request=spec)

    def remove_task(self, task: int) -> None:
        """Delete a task with all that is in it."""
        with self._telling(f"task {task}: removing"):
            self.client.api_client.tasks_api.destroy(task)

    def upload(self, task: int, files: Sequence[Path]) -> None:
        """Photos of this machine as the frames of a task, in this order; wait until the server has taken them in."""
        self._fill(task, files, "LOCAL", {})

    def attach(self, task: int, keys: Sequence[str], cloud_storage: int) -> None:
        """The same with objects of a registered bucket."""
        self._fill(task, keys, "SHARE", {"cloud_storage_id": cloud_storage, "use_cache": True})

    def _fill(self, task: int, resources: Sequence[Any], kind: str, more: Json) -> None:
        from cvat_sdk.core.proxies.tasks import ResourceType

        params = {"image_quality": PICTURE_QUALITY, "sorting_method": "predefined", **more}
        with self._telling(f"task {task}: uploading"):
            self.client.tasks.retrieve(task).upload_data(resources, resource_type=ResourceType[kind], params=params)

    def running(self, task: int) -> list[str]:
        """Ids of the operations on a task that are queued or under way."""
        found = self._all(self.client.api_client.requests_api, task_id=task)
        return [request["id"] for request in found if request["status"] in ("queued", "started")]

    def wait(self, request: str) -> None:
        """Until an operation has ended; CvatError if it failed."""
        with self._telling("waiting"):
            self.client.wait_for_completion(request)

    def frames(self, task: int) -> Json:
        """data/meta of a task: its frames with name, width and height, and those deleted."""
        with self._telling(f"task {task}"):
            return read_json(self.client.api_client.tasks_api.retrieve_data_meta, task)

    def job_frames(self, job: int) -> Json:
        """data/meta of a job: which frames are deleted, and which are included if not all."""
        with self._telling(f"job {job}"):
            return read_json(self.client.api_client.jobs_api.retrieve_data_meta, job)

    def jobs(self, **of: int) -> list[Json]:
        """The jobs of a project (project_id=7) or task (task_id=7), oldest first."""
        return sorted(self._all(self.client.api_client.jobs_api, **of), key=lambda job: job["id"])

    def job_annotations(self, job: int) -> Json:
        """Shapes, tracks and tags of a job."""
        with self._telling(f"job {job}"):
            return read_json(self.client.api_client.jobs_api.retrieve_annotations, job)

    def task_annotations(self, task: int) -> Json:
        """Those of all jobs of a task."""
        with self._telling(f"task {task}"):
            return read_json(self.client.api_client.tasks_api.retrieve_annotations, task)

    def add_shapes(self, task: int, shapes: Sequence[Json]) -> None:
        """Add shapes to a task: all of them, or none if it fails."""
        with self._telling(f"task {task}: drafting"):
            self.client.api_client.tasks_api.partial_update_annotations(
                "create", task, patched_labeled_data_request={"shapes": list(shapes), "tags": [], "tracks": []}
            )

    def notes(self, job: int) -> list[Json]:
        """The issues on a job: remarks at a place of a frame."""
        return self._all(self.client.api_client.issues_api, job_id=job)

    def add_note(self, job: int, frame: int, position: Sequence[float], text: str) -> None:
        """Put a remark on a frame. position: left, top, right, bottom."""
        with self._telling(f"job {job}: noting"):
            spec = {"job": job, "frame": frame, "position": list(position), "message": text}
            read_json(self.client.api_client.issues_api.create, issue_write_request=spec)

    def cloud_storages(self, provider: str, bucket: str) -> list[Json]:
        """Registered buckets of that name."""
        found = self._all(self.client.api_client.cloudstorages_api, provider_type=provider, resource=bucket)
        return [storage for storage in found if storage["resource"] == bucket]

    def register_storage(self, spec: Json) -> Json:
        """Register a bucket. spec: as CVAT's API takes it; "key_file" is a path."""
        api = self.client.api_client.cloudstorages_api
        with self._telling(f"bucket {spec['resource']}"), ExitStack() as files:
            if "key_file" not in spec:
                return read_json(api.create, cloud_storage_write_request=spec)
            opened = files.enter_context(spec["key_file"].open("rb"))
            request = {**spec, "key_file": opened}
            return read_json(api.create, cloud_storage_write_request=request, _content_type="multipart/form-data")

    def _all(self, api: Any, **options: Any) -> list[Json]:
        """Every page of a list."""
        found: list[Json] = []
        with self._telling():
            for number in itertools.count(1):
                page = read_json(api.list, **options, page=number, page_size=100)
                found += page["results"]
                if not page.get("next"):
                    break
        return found

    def _telling(self, what: str = "") -> AbstractContextManager[None]:
        return telling(self.login, what)


@contextmanager
def open_server(login: Login, poll: float = 2.0) -> Iterator[Server]:
    """Log in; see `crumple.label.cvat.connection.connect`."""
    with connect(login, poll) as client:
        yield Server(client, login)
