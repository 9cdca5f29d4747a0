"""How long a request may be, and how much all of them together."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crumple.serve.contract.problems import ProblemError
from crumple.serve.http.problems import problem_response

PATIENCE = 10  # a body up to this many times too long is read to its end, or the caller would not hear the answer


class BodyLimit:
    """ASGI middleware: a longer body is answered 413, by its Content-Length at once, else when it has grown so long.

    Bodies stay in memory until their request is answered: one for which there is no room is answered 503.
    max_bytes: of a body. max_held: of all bodies at a time.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_held: int) -> None:
        self._app, self._max, self._max_held = app, max_bytes, max(max_bytes, max_held)
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "")
        length = int(told) if told.isdigit() else 0
        problem = self._problem(length, length)
        if problem is not None:
            if length <= PATIENCE * self._max:
                while (await receive()).get("more_body"):
                    pass
            response = problem_response(problem, scope.get("state", {}).get("request_id"))
            await response(scope, receive, send)
            return
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            more = len(message.get("body", b""))
            problem = self._problem(read + more, more)
            if problem is not None:
                raise problem
            read += more
            self._held += more
            return message

        try:
            await self._app(scope, counting, send)
        finally:
            self._held -= read

    def _problem(self, length: int, more: int) -> ProblemError | None:
        """What forbids a body of `length` bytes of which `more` are not yet held."""
        if length > self._max:
            detail = f"the body is longer than {self._max} bytes; send fewer or smaller photos"
            return ProblemError(413, detail, field="body")
        if self._held + more > self._max_held:
            return ProblemError(503, "too many photos are on their way already; come again later", retry_after=5)
        return None
