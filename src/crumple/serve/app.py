"""The ASGI application: `uvicorn --factory crumple.serve.app:create_app`, or `crumple serve`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from crumple import __version__
from crumple.assess.severity import Rules
from crumple.detect.detector import Detector, load_detector
from crumple.serve import sagemaker
from crumple.serve.engine import Engine
from crumple.serve.page.site import add_page
from crumple.serve.problems import tell_problems
from crumple.serve.service import Service
from crumple.serve.settings import Settings


def create_app(settings: Settings | None = None, detector: Detector | None = None) -> FastAPI:
    """The service as an ASGI application; the model is loaded and tried when it starts up.

    Args:
        settings: None: those of the environment.
        detector: to assess with; None: the model that the settings name.
    """
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = Engine(
            detector or load_detector(settings.model_folder()),
            Rules.load(settings.rules),
            workers=settings.workers,
            queue=settings.queue,
            max_pixels=settings.max_pixels,
        )
        try:
            engine.warm_up()
            app.state.service = Service(settings, engine)
            yield
        finally:
            engine.close()

    app = FastAPI(
        title="crumple",
        version=__version__,
        summary="Photos of vehicles in, an itemised damage report out.",
        lifespan=lifespan,
    )
    app.state.closing = asyncio.Event()
    tell_problems(app)
    app.include_router(sagemaker.router)

    @app.get("/healthz", tags=["operation"], summary="200 while the process runs")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    if settings.page:
        add_page(app)
    return app
