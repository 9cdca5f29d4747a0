"""What the routes share: settings, the engine, and how a request waits for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from crumple.assessment.assessment import Assessment
from crumple.assessment.severity import Rules
from crumple.detect.detector import Detector, load_detector
from crumple.errors import PhotoError
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.uploads import Job, field_of
from crumple.serve.settings import Settings
from crumple.serve.work.engine import Engine, QueueFullError, Thresholds
from crumple.serve.work.fetching import Fetcher
from crumple.serve.work.keeping import Keeping, keeping
from crumple.serve.work.metrics import Metrics


@dataclass(frozen=True)
class Limits:
    """Of one request: photos, pixels of each, and seconds until its body is there."""

    photos: int
    pixels: int
    seconds: float


class Service:
    """One running service. A route asks for it as `ThisService`."""

    def __init__(
        self, settings: Settings, engine: Engine, kept: Keeping | None, fetcher: Fetcher, metrics: Metrics
    ) -> None:
        self.settings, self.engine, self.kept, self.metrics = settings, engine, kept, metrics
        self.limits = Limits(settings.max_photos, settings.max_pixels, settings.deadline)
        self._fetcher = fetcher

    async def assess(self, jobs: Sequence[Job], thresholds: Thresholds) -> list[Assessment]:
        """Assess photos for a request that waits: 422 unreadable, 503 full, 504 too late."""
        futures: list[Future[Assessment]] = []
        try:
            for job in jobs:
                futures.append(self.engine.submit(job, thresholds))
            async with self.deadline():
                results = await asyncio.gather(*map(asyncio.wrap_future, futures), return_exceptions=True)
        except QueueFullError:
            self.metrics.photos.labels("shed").inc(len(jobs))
            raise busy(self.engine) from None
        finally:
            for future in futures:
                future.cancel()  # of those that have not begun; the caller is gone or will not use them
        assessments = []
        for i, result in enumerate(results):
            if isinstance(result, PhotoError):
                self.metrics.photos.labels("refused").inc()
                raise ProblemError(422, str(result), field=field_of(i, list(jobs)))
            if isinstance(result, BaseException):
                raise result
            assessments.append(result)
        return assessments

    @asynccontextmanager
    async def deadline(self) -> AsyncIterator[None]:
        """Ends what a request waits for when it takes too long. Raises ProblemError 504."""
        try:
            async with asyncio.timeout(self.settings.deadline):
                yield
        except TimeoutError:
            detail = f"not done within {self.settings.deadline:g} s; send fewer or smaller photos"
            raise ProblemError(504, detail) from None

    def end_streams(self) -> None:
        """Let go of those who watch an inspection; they would hold up the end for ever."""
        if self.kept is not None:
            self.kept.changes.close()

    async def fetch(self, url: str, field: str) -> bytes:
        """The photo behind a URL. Raises ProblemError 413 or 422."""
        return await asyncio.to_thread(self._fetcher, url, field)


@contextmanager
def open_service(settings: Settings, detector: Detector | None = None) -> Iterator[Service]:
    """Load the model and try it, open the store, go on with what waits there; at the end finish what is in work.

    detector: to assess with; None: the model that the settings name. Raises CrumpleError.
    """
    with ExitStack() as stack:
        engine = Engine(
            detector or load_detector(settings.model_folder(), settings.workers),
            Rules.load(settings.rules),
            workers=settings.workers,
            queue=settings.queue,
            accurate=settings.accurate,
            max_pixels=settings.max_pixels,
        )
        stack.callback(engine.close)
        engine.warm_up()
        metrics = Metrics()
        engine.assessed = metrics.assessed
        fetcher = Fetcher(settings.allowed_urls(), settings.max_body)
        stack.callback(fetcher.close)
        kept = stack.enter_context(keeping(settings, engine, metrics)) if settings.inspections else None
        yield Service(settings, engine, kept, fetcher, metrics)


def busy(engine: Engine) -> ProblemError:
    """The answer to a request for which there is no room."""
    return ProblemError(503, f"{engine.waiting} photos wait already; come again later", retry_after=engine.wait())
