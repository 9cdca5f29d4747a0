"""A server on this machine for the fakes of photo sources: routes, a log, and faults that are ordered beforehand."""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Reply:
    """status, body: JSON if it is no bytes. announced: a Content-Length that is not the body's."""

    body: Any = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class FakeServer:
    """Answers with `reply(path, params)` of a subclass. hits: requests by path; slow: seconds that each answer takes.

    faults: path -> replies that come first, one each.
    """

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        self.log: list[tuple[str, dict[str, str]]] = []
        self.replies: list[Reply] = []
        self.agents: set[str] = set()
        self.faults: dict[str, deque[Reply | None]] = {}
        self.slow = 0.0
        self.most_at_once = self._at_once = 0
        self.lock = threading.RLock()

    def reply(self, path: str, params: dict[str, str]) -> Reply:
        raise NotImplementedError

    def __enter__(self) -> "FakeServer":
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self._server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, path: str, *replies: Reply) -> None:
        """The next requests of `path` are answered with these."""
        self.faults.setdefault(path, deque()).extend(replies)

    def answer(self, path: str, params: dict[str, str], agent: str) -> Reply:
        with self.lock:
            self.hits[path] += 1
            self.log.append((path, params))
            self.agents.add(agent)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            waiting = self.faults.get(path)
            fault = waiting.popleft() if waiting else None
        try:
            time.sleep(self.slow)
            reply = fault or self.reply(path, params)
            self.replies.append(reply)
            return reply
        finally:
            with self.lock:
                self._at_once -= 1


def _handler(fake: FakeServer) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            self.send(fake.answer(address.path, dict(parse_qsl(address.query)), self.headers.get("User-Agent", "")))

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self.send(fake.answer(urlsplit(self.path).path, dict(parse_qsl(form)), self.headers.get("User-Agent", "")))

        def send(self, reply: Reply) -> None:
            content = reply.content
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(content) if reply.announced is None else reply.announced))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            if reply.announced is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:  # the client was killed
                self.close_connection = True

    return Handler


def http_date(seconds_from_now: float) -> str:
    return formatdate(time.time() + seconds_from_now, usegmt=True)
