"""The page's routes: static files and its words, each under a policy that lets nothing but the page's own files run."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, JSONResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from crumple.case.panel_map.svg import CSS, panel_map_svg
from crumple.serve.page.words import words

STATIC = Path(__file__).with_name("static")
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Asked for again each time and answered 304: a new version of crumple never meets an old page.
    "Cache-Control": "no-cache",
}


class PageFiles(StaticFiles):
    """Static files with the page's headers."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(HEADERS)
        return response


def add_page(app: FastAPI, max_body: int) -> None:
    """Serve the page at `/`, and what it needs below `/page/`. None of it asks for a token: it holds no data.

    Args:
        max_body: bytes of a request that the service takes; the page makes larger photos smaller.
    """

    @app.get("/", include_in_schema=False)
    def index() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers=HEADERS)

    @app.get("/page/words.json", include_in_schema=False)
    def page_words() -> Any:
        return JSONResponse(words() | {"max_body": max_body}, headers=HEADERS)

    @app.get("/page/panel_map.svg", include_in_schema=False)
    def page_map() -> Response:
        return Response(panel_map_svg([], to_fill=True), media_type="image/svg+xml", headers=HEADERS)

    @app.get("/page/panel_map.css", include_in_schema=False)
    def page_map_looks() -> FileResponse:
        return FileResponse(CSS, headers=HEADERS)

    app.mount("/page", PageFiles(directory=STATIC), name="page")
