"""Watches every request: its id, a line in the log, its place in the metrics."""

import logging
import re
import secrets
import time
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crumple.serve.work.metrics import Metrics

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
log = logging.getLogger("crumple.serve.requests")

_HEADER = b"x-request-id"
# What answers hold is of somebody's vehicle: no cache keeps it, unless a route knows better, and no browser guesses.
_CAREFUL = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_GIVEN = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Observe:
    """ASGI middleware, the outermost. A request brings its id in X-Request-ID or gets one; the answer carries it,
    and says that it is not to be kept nor guessed at."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(_HEADER, b"")
        name = given.decode() if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = name
        token = request_id.set(name)
        start = time.perf_counter()
        status = 0  # the caller went before the answer began

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                told = list(message.get("headers", ()))
                named = {key.lower() for key, _ in told}
                told += [header for header in _CAREFUL if header[0] not in named]
                message["headers"] = [*told, (_HEADER, name.encode())]
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception:
            status = status or 500
            log.exception("an error that nobody expected")
            raise
        finally:
            seconds = time.perf_counter() - start
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            metrics: Metrics = scope["app"].state.service.metrics
            metrics.requests.labels(method, route, status).inc()
            metrics.seconds.labels(route).observe(seconds)
            level = logging.ERROR if status >= 500 and status != 503 else logging.INFO
            fields = {
                "method": scope["method"],
                "path": scope["path"],
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            log.log(level, "request", extra={"fields": fields | {"client": (scope.get("client") or ("",))[0]}})
            request_id.reset(token)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
