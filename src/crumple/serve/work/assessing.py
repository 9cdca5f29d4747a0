"""Assesses the images that wait in the database, a few at a time beside the requests that wait for their answer."""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from crumple.errors import PhotoError
from crumple.serve.contract.uploads import Job
from crumple.serve.store.backlog import LEASE, Backlog, Waiting
from crumple.serve.store.photos import PhotoStore
from crumple.serve.work.changes import Changes
from crumple.serve.work.engine import Engine, Thresholds
from crumple.serve.work.loop import Loop

log = logging.getLogger("crumple.serve")


class Assessing(Loop):
    """Hands images to the engine, at most one for each of its workers. settled: called after each image."""

    def __init__(
        self, backlog: Backlog, photos: PhotoStore, engine: Engine, changes: Changes, settled: Callable[[], None]
    ) -> None:
        super().__init__("assessing")
        self._backlog, self._photos, self._engine = backlog, photos, engine
        self._changes, self._settled = changes, settled
        self._free = threading.Semaphore(engine.workers)
        self._in_work: set[str] = set()  # ids of images
        self._renewed = time.monotonic()

    def step(self) -> bool:
        """Hand over one image."""
        self._renew()
        if not self._free.acquire(timeout=self.poll):
            return True
        try:
            image = self._backlog.take()
            if image is not None:
                self._in_work.add(image.id)
                future = self._engine.run(partial(self._assess, image))
                future.add_done_callback(lambda _: self._free.release())
        except BaseException:
            self._free.release()
            raise
        if image is None:
            self._free.release()
            return False
        self._changes.tell(image.inspection_id)
        return True

    def _renew(self) -> None:
        """Requests may be ahead of an image, so it can wait long in the engine's queue."""
        if time.monotonic() - self._renewed < LEASE.total_seconds() / 4:
            return
        self._renewed = time.monotonic()
        if in_work := list(self._in_work):
            self._backlog.renew(in_work)

    def _assess(self, image: Waiting) -> None:
        try:
            data = self._photos.read(image.photo)
            assessment = self._engine.assess(Job(data, image.name, image.sha256), Thresholds())
            self._backlog.done(image, assessment)
        except PhotoError as error:
            self._backlog.failed(image, str(error))
        except FileNotFoundError:
            self._backlog.failed(image, "the photo is not where it was kept; upload it again")
        except Exception:
            log.exception("image %s could not be assessed; it is tried again", image.id)
            self._backlog.later(image)
        finally:
            self._in_work.discard(image.id)
        self._changes.tell(image.inspection_id)
        self._settled()
