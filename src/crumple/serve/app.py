"""The ASGI application: `uvicorn --factory crumple.serve.app:create_app`, or `crumple serve`."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI

from crumple import __version__
from crumple.assess.severity import Rules
from crumple.detect.detector import Detector, load_detector
from crumple.serve.access import Access
from crumple.serve.body_limit import BodyLimit
from crumple.serve.changes import Changes
from crumple.serve.engine import Engine
from crumple.serve.fetching import Fetcher
from crumple.serve.keeping import keeping
from crumple.serve.metrics import Metrics
from crumple.serve.observe import Observe
from crumple.serve.openapi import describe
from crumple.serve.page.site import add_page
from crumple.serve.problems import tell_problems
from crumple.serve.routes import assessments, export, images, inspections, operation, stream, webhooks
from crumple.serve.service import Service
from crumple.serve.settings import Settings


def create_app(settings: Settings | None = None, detector: Detector | None = None) -> FastAPI:
    """The service as an ASGI application; the model is loaded and tried when it starts up.

    Args:
        settings: None: those of the environment.
        detector: to assess with; None: the model that the settings name.
    """
    settings = settings or Settings()

    changes, metrics = Changes(), Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = Engine(
            detector or load_detector(settings.model_folder(), settings.workers),
            Rules.load(settings.rules),
            workers=settings.workers,
            queue=settings.queue,
            max_pixels=settings.max_pixels,
        )
        with ExitStack() as stack:
            engine.assessed = metrics.assessed
            stack.callback(engine.close)
            engine.warm_up()
            kept = stack.enter_context(keeping(settings, engine, changes, metrics)) if settings.inspections else None
            fetcher = Fetcher(settings.allowed_urls(), settings.max_body)
            stack.callback(fetcher.close)
            app.state.service = Service(settings, engine, kept, fetcher, metrics)
            yield

    app = FastAPI(
        title="crumple",
        version=__version__,
        summary="Photos of vehicles in, an itemised damage report out.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.changes = changes
    app.state.token_needed = settings.token is not None
    tell_problems(app)
    describe(app)
    for routes in (assessments, inspections, images, stream, export, webhooks, operation):
        app.include_router(routes.router)
    if settings.page:
        add_page(app)
    # The last one added is the first one asked.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body)
    app.add_middleware(Access, settings=settings)
    app.add_middleware(Observe, metrics=metrics)
    return app
