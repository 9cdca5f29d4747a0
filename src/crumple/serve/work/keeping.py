"""Everything behind the inspections of one running service: the store, and the threads that work on it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from sqlalchemy import URL

from crumple.folder_lock import only_process
from crumple.serve.contract.images import Image
from crumple.serve.contract.uploads import Job
from crumple.serve.review.findings import Reviewer
from crumple.serve.settings import Settings
from crumple.serve.store.backlog import Backlog
from crumple.serve.store.cases import Cases
from crumple.serve.store.database import Database
from crumple.serve.store.edits import Edits
from crumple.serve.store.inspections import Inspections
from crumple.serve.store.photos import PhotoStore
from crumple.serve.store.repeats import forget_old
from crumple.serve.store.webhooks import Webhooks
from crumple.serve.work.assessing import Assessing
from crumple.serve.work.changes import Changes
from crumple.serve.work.delivering import Delivering
from crumple.serve.work.engine import Engine
from crumple.serve.work.joining import Joining
from crumple.serve.work.live import LiveViews
from crumple.serve.work.metrics import Metrics
from crumple.storage import open_folder

INSTEAD = "end it first, or give another --data"
SENDERS = 4  # deliveries at a time: one slow receiver must not hold up the others


class Keeping:
    """The store and its threads. Use `keeping`, which starts and ends them."""

    def __init__(self, settings: Settings, engine: Engine, metrics: Metrics, database: Database) -> None:
        self.changes = Changes()
        self.photos = PhotoStore(
            open_folder(settings.photos or settings.data / "photos"), settings.workers, settings.max_pixels
        )
        reviewer = Reviewer(engine.rules)
        self.cases = Cases(database, reviewer, settings.join_after)
        self.inspections = Inspections(
            database, self.photos, reviewer, self.cases, backlog=settings.backlog, model=engine.assessor.model
        )
        self.edits = Edits(database, reviewer, self.cases)
        self.webhooks = Webhooks(database)
        self.backlog = Backlog(database)
        self._delivering = [
            Delivering(
                self.webhooks,
                settings.webhook_attempts,
                settings.webhook_base,
                settings.webhook_private,
                metrics.deliveries,
            )
            for _ in range(SENDERS)
        ]
        self._assessing = Assessing(self.backlog, self.photos, engine, self.changes, self.deliver)
        self._joining = Joining(
            self.cases,
            self.photos,
            reviewer,
            self.changes,
            after=settings.join_after,
            deadline=settings.join_deadline,
        )
        self.live = LiveViews(engine, settings.live, settings.live_idle)

    def start(self) -> None:
        """Go on where an earlier process ended."""
        self.inspections.finish_deleting()
        for loop in (self._assessing, self._joining, self.live, *self._delivering):
            loop.start()

    def take(self, inspection_id: str, photos: Sequence[Job], key: str | None) -> list[Image]:
        """Take photos for an inspection: kept once this returns, and assessed soon after. Raises as `add_photos`."""
        images = self.inspections.add_photos(inspection_id, photos, key)
        self.changes.tell(inspection_id)
        self._assessing.wake()
        return images

    def deliver(self) -> None:
        """There may be new deliveries."""
        for loop in self._delivering:
            loop.wake()

    def stop(self, engine: Engine) -> None:
        """Take no more images, finish those in work, then stop sending. What is left is done after the next start."""
        self.live.stop()
        self._joining.stop()
        self._assessing.stop()
        engine.close()
        for loop in self._delivering:
            loop.stop()


@contextmanager
def keeping(settings: Settings, engine: Engine, metrics: Metrics) -> Iterator[Keeping]:
    """Open the store and start its threads; SQLite's folder is this process's alone. Raises CrumpleError."""
    with ExitStack() as stack:
        if settings.database is None:
            settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's cars are nobody else's business
            stack.enter_context(only_process(settings.data, "serves from there", instead=INSTEAD))
        database = Database(settings.database or URL.create("sqlite", database=str(settings.data / "crumple.db")))
        stack.callback(database.close)
        with database.write() as connection:
            forget_old(connection)
        kept = Keeping(settings, engine, metrics, database)
        if settings.database is None:
            kept.backlog.free_all()
            kept.cases.free_all()
        kept.start()
        try:
            yield kept
        finally:
            kept.stop(engine)
