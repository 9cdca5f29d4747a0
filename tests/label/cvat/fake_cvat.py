"""A small CVAT server on 127.0.0.1 that keeps to its OpenAPI: the real cvat-sdk talks to it unmodified.

It enforces what the real one does, as far as crumple uses it: sessions with CSRF tokens, access tokens, permissions,
paging, label rules, the upload protocol (a file that is sent twice is appended to, not replaced; no data can be added
to a task that has some), operations that end only after having been asked about, and shape rules.

Tests reach into `state` (see fake_cvat_state.py) and may make requests fail:

    server.hook = lambda method, path: None            as it is
                                       (status, json)  answered with this instead
                                       "drop"          the connection is closed before the request counts
                                       "drop after"    ... after it counted
"""

import json
import re
import threading
from contextlib import suppress
from email.message import Message
from email.parser import BytesParser
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from urllib.parse import parse_qs, urlsplit

from tests.label.cvat.fake_cvat_refusal import Refusal
from tests.label.cvat.fake_cvat_state import State

PREFIX = "/api/"


class FakeCvat:
    """Context manager: the server runs within the block. `url` is where."""

    def __init__(self, version="2.73.0"):
        self.state = State(version)
        self.hook = lambda method, path: None
        self.requests = []  # (method, path) of all that came
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one piece, and at once: in two, each answer takes 40 ms
    disable_nagle_algorithm = True
    fake: FakeCvat

    def _serve(self):
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.fake.requests.append((self.command, url.path))
        what = self.fake.hook(self.command, url.path)
        if what == "drop":
            self._drop()
        elif isinstance(what, tuple):
            self._answer(*what)
        else:
            query = {key: values[-1] for key, values in parse_qs(url.query, keep_blank_values=True).items()}
            with self.fake.state.lock:
                try:
                    status, content, headers = self._route(url.path, query, body)
                except Refusal as refusal:
                    status, content, headers = refusal.status, refusal.content, {}
            if what == "drop after":
                self._drop()
            else:
                self._answer(status, content, headers)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve

    def log_message(self, *arguments):
        pass

    def _drop(self):
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(SHUT_RDWR)

    def _answer(self, status, content=None, headers=None):
        data = content if isinstance(content, bytes) else json.dumps(content).encode() if content is not None else b""
        self.send_response(status)
        self.send_header(
            "Content-Type", "application/octet-stream" if isinstance(content, bytes) else "application/json"
        )
        self.send_header("Content-Length", str(len(data)))
        for key, value in (headers or {}).items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(key, one)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _route(self, path, query, body):
        state = self.fake.state
        if not path.startswith(PREFIX):
            raise Refusal(404, {"detail": "Not found."})
        parts = path.removeprefix(PREFIX).strip("/").split("/")
        if parts == ["server", "about"]:
            texts = dict.fromkeys(("name", "description", "logo_url", "subtitle"), "CVAT")
            return 200, {**texts, "version": state.version}, {}
        if parts == ["auth", "login"] and self.command == "POST":
            session, csrf = state.login(json.loads(body))
            cookies = [
                f"csrftoken={csrf}; Path=/; SameSite=Lax",
                f"sessionid={session}; HttpOnly; Path=/; SameSite=Lax",
            ]
            return 200, {"key": "x" * 40}, {"Set-Cookie": cookies}
        user = self._user()
        numbers = ["{id}" if re.fullmatch(r"\d+", part) else part for part in parts]
        name = "/".join(numbers)
        number = next((int(part) for part in parts if part.isdigit()), None)
        if len(parts) == 4 and parts[2] == "data" and parts[3] != "meta":
            return state.tus_chunk(self.command, parts[3], self.headers, body)
        if len(parts) == 2 and parts[0] == "requests":
            return 200, state.poll(parts[1].replace("%3D", "=").replace("%26", "&")), {}
        if name == "tasks/{id}/data" and self.command == "POST":
            return state.upload(user, number, self.headers, self._fields(body), f"{self.fake.url}{path}")
        content = self._fields(body)
        key = (self.command, name)
        organisation = self.headers.get("X-Organization", query.get("org"))
        actions = {
            ("GET", "users/self"): lambda: user.json(),
            ("GET", "projects"): lambda: state.page(state.projects_for(user, organisation), query, ("name",)),
            ("POST", "projects"): lambda: state.create_project(user, content, organisation),
            ("GET", "labels"): lambda: state.page(state.labels_of(query), query, ()),
            ("GET", "tasks"): lambda: state.page(state.tasks_for(user), query, ("project_id",)),
            ("POST", "tasks"): lambda: state.create_task(user, content),
            ("GET", "tasks/{id}"): lambda: state.task(number),
            ("DELETE", "tasks/{id}"): lambda: state.delete_task(user, number),
            ("GET", "tasks/{id}/data"): lambda: state.data(number, query),
            ("GET", "tasks/{id}/data/meta"): lambda: state.meta(number),
            ("GET", "tasks/{id}/annotations"): lambda: state.annotations(state.jobs_of(number)),
            ("PUT", "tasks/{id}/annotations"): lambda: state.annotate(user, state.jobs_of(number), "replace", content),
            ("PATCH", "tasks/{id}/annotations"): lambda: state.annotate(
                user, state.jobs_of(number), query.get("action"), content
            ),
            ("GET", "jobs"): lambda: state.page(state.jobs_for(user), query, ("project_id", "task_id")),
            ("GET", "jobs/{id}"): lambda: state.job(number),
            ("PATCH", "jobs/{id}"): lambda: state.update_job(user, number, content),
            ("GET", "jobs/{id}/data/meta"): lambda: state.job_meta(number),
            ("GET", "jobs/{id}/annotations"): lambda: state.annotations([state.job(number)]),
            ("PATCH", "jobs/{id}/annotations"): lambda: state.annotate(
                user, [state.job(number)], query.get("action"), content
            ),
            ("GET", "requests"): lambda: state.page(state.all_requests(), query, ("task_id", "status")),
            ("GET", "issues"): lambda: state.page(state.issues, query, ("job_id",)),
            ("POST", "issues"): lambda: state.create_issue(user, content),
            ("GET", "cloudstorages"): lambda: state.page(state.storages, query, ("provider_type", "resource")),
            ("POST", "cloudstorages"): lambda: state.create_storage(user, content),
        }
        if key not in actions:
            raise Refusal(404 if not any(name == known for _, known in actions) else 405, {"detail": "Not found."})
        answer = actions[key]()
        return (201 if self.command == "POST" else 204 if self.command == "DELETE" else 200), answer, {}

    def _user(self):
        """Who asks: by access token, or by session with the CSRF token beside it where something is changed."""
        state = self.fake.state
        authorization = self.headers.get("Authorization", "")
        if authorization.startswith("Bearer "):
            return state.user_of_token(authorization.removeprefix("Bearer "))
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        session = cookies["sessionid"].value if "sessionid" in cookies else None
        csrf = self.headers.get("X-CSRFToken") if self.command not in ("GET", "HEAD") else None
        return state.user_of_session(session, csrf, self.command not in ("GET", "HEAD"))

    def _fields(self, body):
        """JSON, or a form: fields by name, files as (file name, bytes)."""
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return json.loads(body) if body else {}
        message: Message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        fields = {}
        for part in message.get_payload():
            name, file = part.get_param("name", header="content-disposition"), part.get_filename()
            data = part.get_payload(decode=True)
            fields[name] = (file, data) if file is not None else data.decode()
        return fields
