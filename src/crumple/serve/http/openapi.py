"""The service's own description: OpenAPI 3.1 at /openapi.json, and at /docs the same as a page without scripts."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from pydantic.json_schema import models_json_schema

from crumple.pages import page_templates
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.problems import Problem
from crumple.serve.contract.uploads import PhotosInJson
from crumple.serve.http.problems import MEDIA_TYPE

_REF = "#/components/schemas/{model}"
_METHODS = ("get", "post", "patch", "delete")
# Models that no route names, because it takes or gives several kinds of bodies.
_MORE = [(InspectionDocument, "serialization"), (PhotosInJson, "validation"), (Problem, "serialization")]


def describe(app: FastAPI) -> None:
    """Serve the description."""
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        page = (
            page_templates("crumple.serve.http").get_template("docs.html").render(api=app.openapi(), methods=_METHODS)
        )
        return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}}}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)  # FastAPI's own form of it, which is not ours
                operation["responses"]["4XX"] = {"description": "a problem of the request"} | problem
                operation["responses"]["5XX"] = {"description": "a problem of the service"} | problem
                if app.state.token_needed:
                    operation.setdefault("security", [{"bearer": []}])
        components = schema.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        _, more = models_json_schema(_MORE, ref_template=_REF)  # type: ignore[arg-type]
        schemas |= more["$defs"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
        app.openapi_schema = schema
    return app.openapi_schema
