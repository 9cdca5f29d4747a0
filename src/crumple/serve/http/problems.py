"""Problem documents (RFC 9457): every answer that is no success, and never a stack trace."""

import logging
from typing import Any

import sqlalchemy.exc
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from crumple.errors import CrumpleError, PhotoError
from crumple.serve.contract.problems import FieldProblem, Problem, ProblemError
from crumple.storage import StorageError

TITLES = {
    400: "Bad request",
    401: "Not authorised",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request timeout",
    409: "Conflict",
    411: "Length required",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be processed",
    429: "Too many requests",
    500: "Internal error",
    502: "Bad gateway",
    503: "Busy",
    504: "Deadline passed",
}

MEDIA_TYPE = "application/problem+json"


def problem_response(error: ProblemError, request_id: str | None) -> JSONResponse:
    """The answer that tells a problem."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="crumple"'
    problem = Problem(
        title=TITLES.get(error.status, "Problem"),
        status=error.status,
        detail=error.detail,
        request_id=request_id,
        errors=error.errors,
    )
    return JSONResponse(problem.model_dump(mode="json"), error.status, headers, MEDIA_TYPE)


def tell_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem document."""

    @app.exception_handler(ProblemError)
    async def _problem(request: Request, error: ProblemError) -> JSONResponse:
        return problem_response(error, _request_id(request))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [_field_problem(one) for one in error.errors()]
        not_json = any(one["type"] == "json_invalid" for one in error.errors())
        detail = "; ".join(f"{one.field}: {one.detail}" for one in errors[:3])
        return problem_response(ProblemError(400 if not_json else 422, detail, errors=errors), _request_id(request))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        detail = {
            404: f"there is no {request.url.path}; docs/api.md lists what there is",
            405: f"{request.url.path} takes no {request.method}",
        }.get(error.status_code, str(error.detail))
        field = "body" if error.status_code == 400 else None  # FastAPI's word for JSON that cannot be read
        response = problem_response(ProblemError(error.status_code, detail, field=field), _request_id(request))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(CrumpleError)
    async def _crumple(request: Request, error: CrumpleError) -> JSONResponse:
        if isinstance(error, PhotoError):
            return problem_response(ProblemError(422, str(error), field="photo"), _request_id(request))
        if isinstance(error, StorageError):
            return _out_of_reach(request, error)
        logging.getLogger("crumple.serve").error("%s", error)
        return problem_response(ProblemError(500, str(error)), _request_id(request))

    @app.exception_handler(OSError)
    async def _disk(request: Request, error: OSError) -> JSONResponse:
        return _out_of_reach(request, error)

    @app.exception_handler(sqlalchemy.exc.OperationalError)
    async def _database(request: Request, error: sqlalchemy.exc.OperationalError) -> JSONResponse:
        return _out_of_reach(request, error)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        detail = "something went wrong here; the log has it under this request_id"
        return problem_response(ProblemError(500, detail), _request_id(request))


def _out_of_reach(request: Request, error: Exception) -> JSONResponse:
    """A full disk, a bucket or a database that does not answer: it passes, and nobody was promised anything."""
    logging.getLogger("crumple.serve").error("what is kept cannot be reached: %s", " ".join(str(error).split()))
    detail = "photos and inspections cannot be read or written at the moment; nothing was accepted, come again later"
    return problem_response(ProblemError(503, detail, retry_after=10), _request_id(request))


def _field_problem(error: dict[str, Any]) -> FieldProblem:
    place = [str(key) for key in error["loc"]]
    message = str(error["msg"]).removeprefix("Value error, ")
    if place[:1] in (["body"], ["query"], ["path"], ["header"]):
        place = place[1:]
    if error["type"] == "value_error" and ": " in message:  # a check of several fields names the one itself
        field, message = message.split(": ", 1)
        place.append(field)
    return FieldProblem(field=".".join(place) or "body", detail=message)


def _request_id(request: Request) -> str | None:
    return request.scope.get("state", {}).get("request_id")
