"""How long a request may be."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crumple.serve.problems import ProblemError, problem_response

PATIENCE = 10  # a body up to this many times too long is read to its end, or the caller would not hear the answer


class BodyLimit:
    """ASGI middleware: a longer body is answered 413, by its Content-Length at once, else when it has grown so long."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "")
        length = int(told) if told.isdigit() else 0
        if length > self._max:
            if length <= PATIENCE * self._max:
                while (await receive()).get("more_body"):
                    pass
            response = problem_response(self._problem(), scope.get("state", {}).get("request_id"))
            await response(scope, receive, send)
            return
        read = 0

        async def counting() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max:
                raise self._problem()
            return message

        await self._app(scope, counting, send)

    def _problem(self) -> ProblemError:
        return ProblemError(
            413, f"the body is longer than {self._max} bytes; send fewer or smaller photos", field="body"
        )
