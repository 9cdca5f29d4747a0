"""The ASGI application: `uvicorn --factory crumple.serve.app:create_app`, or `crumple serve`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from fastapi import FastAPI

from crumple import __version__
from crumple.detect.detector import Detector
from crumple.serve.http.access import Access
from crumple.serve.http.body_limit import BodyLimit
from crumple.serve.http.observe import Observe
from crumple.serve.http.openapi import describe
from crumple.serve.http.problems import tell_problems
from crumple.serve.http.routes import assessments, export, images, inspections, live, operation, stream, webhooks
from crumple.serve.page.site import add_page
from crumple.serve.service import Service, open_service
from crumple.serve.settings import Settings


def create_app(
    settings: Settings | None = None, detector: Detector | None = None, service: Service | None = None
) -> FastAPI:
    """The service as an ASGI application.

    Args:
        settings: None: those of the environment.
        detector: to assess with; None: the model that the settings name.
        service: one that is open already, and stays so; None: it is opened when the application starts up.
    """
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with nullcontext(service) if service else open_service(settings, detector) as app.state.service:
            yield

    app = FastAPI(
        title="crumple",
        version=__version__,
        summary="Photos of vehicles in, an itemised damage report out.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirection would lead to whatever Host the request named
    )
    app.state.token_needed = settings.token is not None
    tell_problems(app)
    describe(app)
    for routes in (assessments, inspections, images, live, stream, export, webhooks, operation):
        app.include_router(routes.router)
    if settings.page:
        add_page(app, settings.max_body)
    # The last one added is the first one asked.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body, max_held=settings.max_held)
    app.add_middleware(Access, settings=settings)
    app.add_middleware(Observe)
    return app
