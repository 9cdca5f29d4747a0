"""The engine: a bounded queue in front of as many workers as there are cores, each with a stream of the network."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np

from crumple.assessment.assessment import Assessment
from crumple.assessment.pipeline import Assessor
from crumple.assessment.severity import Rules
from crumple.assessment.stopwatch import Stopwatch
from crumple.detect.detector import Detector
from crumple.detect.model_info import ClassThresholds
from crumple.photo import Photo, decode_photo
from crumple.serve.contract.uploads import Job

T = TypeVar("T")


class QueueFullError(Exception):
    """As many photos wait as may wait; whoever asks is to come again later."""


@dataclass(frozen=True)
class Thresholds:
    """What a caller wants other than the model has it: scores from 0 to 1, None: the model's own."""

    min_score: float | None = None
    upper: float | None = None
    lower: float | None = None


class Engine:
    """Assesses photos for many callers at a time.

    Args:
        detector: its network must allow `workers` calls at a time; one that takes turns only makes them wait.
        workers: photos assessed at a time.
        queue: photos that wait for a worker; one more raises QueueFullError.
        max_pixels: a larger photo is refused from its header.
        accurate: photos are looked at twice, see `Detector.accurately`; frames of a live view have no time for that.
    """

    def __init__(
        self,
        detector: Detector,
        rules: Rules,
        *,
        workers: int,
        queue: int,
        max_pixels: int,
        accurate: bool = False,
        name: str = "assess",
    ) -> None:
        self.detector = detector.accurately() if accurate else detector
        self.rules, self.max_pixels = rules, max_pixels
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._free = threading.BoundedSemaphore(workers + queue)
        self._count = 0
        self._seconds = 1.0  # a photo takes, as a running mean
        self._lock = threading.Lock()
        self.assessed: Callable[[Assessment], None] = lambda assessment: None  # told of each
        self._assessor = lru_cache(maxsize=16)(self._make_assessor)
        self.assessor = self._assessor(Thresholds())
        self.frame_assessor = Assessor(detector, rules)

    @property
    def waiting(self) -> int:
        """Photos in the queue or in work."""
        return self._count

    def submit(self, job: Job, thresholds: Thresholds | None = None) -> "Future[Assessment]":
        """Queue a photo. Raises QueueFullError.

        The future raises PhotoError for a photo that cannot be read. Cancelled before its turn, it costs nothing more.
        """
        if not self._free.acquire(blocking=False):
            raise QueueFullError
        future = self.run(lambda: self.assess(job, thresholds or Thresholds()))
        future.add_done_callback(lambda _: self._free.release())
        return future

    def run(self, work: Callable[[], T]) -> "Future[T]":
        """Queue work of a caller that bounds itself."""
        with self._lock:
            self._count += 1
        future = self._pool.submit(work)
        future.add_done_callback(self._done)
        return future

    def assess(self, job: Job, thresholds: Thresholds) -> Assessment:
        """Assess a photo in this thread. Raises PhotoError."""
        watch = Stopwatch()
        with watch("decode"):
            photo = decode_photo(job.data, max_pixels=self.max_pixels, at_least=self.assessor.enough)
        photo = replace(photo, sha256=job.sha256 or photo.sha256)
        assessment, _ = self._assessor(thresholds).inspect(photo, name=job.name, watch=watch)
        self._seconds += 0.1 * (sum(assessment.timings.values()) / 1000 - self._seconds)
        self.assessed(assessment)
        return assessment

    def wait(self) -> float:
        """Seconds until a photo that comes now would be done, as far as can be told."""
        return self._seconds * (self.waiting / self.workers + 1)

    def warm_up(self) -> None:
        """One real forward pass, so that a network that cannot run is told before anybody relies on it."""
        height, width = self.detector.info.input_size
        grey = np.full((height, width, 3), 127, np.uint8)
        self.assessor.inspect(Photo(grey, "warm-up", "", 1, (width, height)))

    def close(self) -> None:
        """Finish what was accepted, then end."""
        self._pool.shutdown(wait=True)

    def _done(self, _: object) -> None:
        with self._lock:
            self._count -= 1

    def _make_assessor(self, wanted: Thresholds) -> Assessor:
        info = self.detector.info
        if wanted.upper is None and wanted.lower is None:
            return Assessor(self.detector, self.rules, wanted.min_score)
        thresholds = {
            branch.name: {
                label: _changed(info.threshold(branch.name, label), wanted) if branch.name == "damage" else own
                for label in branch.classes
                if (own := info.threshold(branch.name, label))
            }
            for branch in info.branches
        }
        changed = Detector(self.detector.network, info.model_copy(update={"thresholds": thresholds}))
        return Assessor(changed, self.rules, wanted.min_score)


def _changed(own: ClassThresholds, wanted: Thresholds) -> ClassThresholds:
    """One of the two given moves the other only as far as it must: the lower is never above the upper."""
    upper = own.upper if wanted.upper is None else wanted.upper
    lower = own.lower if wanted.lower is None else wanted.lower
    if wanted.upper is None:
        upper = max(upper, lower)
    return ClassThresholds(upper=upper, lower=min(upper, lower))
