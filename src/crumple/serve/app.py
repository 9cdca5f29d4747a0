"""The ASGI application: `uvicorn --factory crumple.serve.app:create_app`, or `crumple serve`."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI

from crumple import __version__
from crumple.assess.severity import Rules
from crumple.detect.detector import Detector, load_detector
from crumple.serve.changes import Changes
from crumple.serve.engine import Engine
from crumple.serve.fetching import Fetcher
from crumple.serve.keeping import keeping
from crumple.serve.page.site import add_page
from crumple.serve.problems import tell_problems
from crumple.serve.routes import assessments, images, inspections, stream, webhooks
from crumple.serve.service import Service
from crumple.serve.settings import Settings


def create_app(settings: Settings | None = None, detector: Detector | None = None) -> FastAPI:
    """The service as an ASGI application; the model is loaded and tried when it starts up.

    Args:
        settings: None: those of the environment.
        detector: to assess with; None: the model that the settings name.
    """
    settings = settings or Settings()

    changes = Changes()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = Engine(
            detector or load_detector(settings.model_folder()),
            Rules.load(settings.rules),
            workers=settings.workers,
            queue=settings.queue,
            max_pixels=settings.max_pixels,
        )
        with ExitStack() as stack:
            stack.callback(engine.close)
            engine.warm_up()
            kept = stack.enter_context(keeping(settings, engine, changes)) if settings.inspections else None
            fetcher = Fetcher(settings.allowed_urls(), settings.max_body)
            stack.callback(fetcher.close)
            app.state.service = Service(settings, engine, kept, fetcher)
            yield

    app = FastAPI(
        title="crumple",
        version=__version__,
        summary="Photos of vehicles in, an itemised damage report out.",
        lifespan=lifespan,
    )
    app.state.changes = changes
    tell_problems(app)
    for routes in (assessments, inspections, images, stream, webhooks):
        app.include_router(routes.router)

    @app.get("/healthz", tags=["operation"], summary="200 while the process runs")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    if settings.page:
        add_page(app)
    return app
