"""Photos into the fake CVAT server: the upload protocol, and the operations that take time."""

import base64
import io
import re
import uuid
from dataclasses import dataclass, field
from pathlib import PurePath

from PIL import Image

from tests.label.cvat.fake_cvat_refusal import Refusal

FILE_ID = re.compile(r"\d+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Upload:
    """Files of a task on their way: complete ones, and those that come in chunks by id."""

    files: dict = field(default_factory=dict)
    chunks: dict = field(default_factory=dict)


class Uploads:
    """The part of State that takes photos in."""

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
