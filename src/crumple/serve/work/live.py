"""Live views: a watch (crumple.watch) whose frames come one by one over HTTP, and all those that run at a time."""

import threading
import time
from concurrent.futures import Future
from operator import truediv

from crumple.case.observations import Followed
from crumple.photo import decode_photo
from crumple.serve.contract.live import Live, LiveFrame
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.uploads import Job
from crumple.serve.store.ids import new_id
from crumple.serve.store.rows import missing
from crumple.serve.work.engine import Engine
from crumple.serve.work.loop import Loop
from crumple.watch.best import Kept
from crumple.watch.session import Session, frame_name
from crumple.watch.source import MAX_SIDE, Frame

MOST_PHOTOS = 200  # that one live view may hold; some 50 MB


class LiveView:
    """One live view. Frames are looked at one at a time: one that comes meanwhile is refused, never queued.

    now: the live view as its last frame left it. touched: when it was last heard of, in seconds of the monotonic clock.
    """

    def __init__(self, engine: Engine, idle: float) -> None:
        self._engine, self._idle = engine, idle
        self._session = Session(engine.frame_assessor)
        self._turn = threading.Lock()  # held while a frame is in work
        self._begun = self.touched = time.monotonic()
        self._kept = False
        self.now = Live(id=new_id("live"), frames=0, damages=[], parts=[], photos=0, idle_seconds=idle)

    def look(self, frame: Job) -> "Future[LiveFrame]":
        """Have the engine look at a frame.

        Raises ProblemError 409 (no more are taken), 429 (one is in work). The future raises PhotoError if it is none.
        """
        came = time.monotonic()
        if not self._turn.acquire(blocking=False):
            detail = "the frame before is not answered yet; send a newer one after its answer"
            raise ProblemError(429, detail, retry_after=self._engine.wait())
        try:
            if self._kept:
                raise ProblemError(409, "its best frames are kept; begin another live view")
            if self.now.photos >= MOST_PHOTOS:
                raise ProblemError(409, f"it holds {self.now.photos} photos, as many as it may; keep or discard them")
            future = self._engine.run(lambda: self._look(frame.data, came - self._begun))
        except BaseException:
            self._turn.release()
            raise
        future.add_done_callback(lambda _: self._next())
        return future

    def take(self) -> list[Job]:
        """The best frames as photos, in their order; no frame is looked at after this. Waits for the one in work.

        Raises ProblemError 409 if there are none.
        """
        with self._turn:
            self._kept = True
            self._session.close()
            self._tell()
            frames = self._session.best.frames
        if not frames:
            raise ProblemError(409, "no frame shows a damage or a part; there is nothing to keep")
        return [Job(kept.jpeg, frame_name(kept.number, kept.seconds), followed=self._followed(kept)) for kept in frames]

    def _followed(self, kept: Kept) -> tuple[Followed, ...]:
        """The damages in a frame, named so that no other live view has the same names."""
        sides = (kept.assessment.photo.width, kept.assessment.photo.height) * 2
        return tuple(
            Followed(f"{self.now.id}/{key}", finding.damage, tuple(map(truediv, finding.box, sides)))
            for finding, key in zip(kept.assessment.findings, kept.tracks, strict=True)
        )

    @property
    def idle(self) -> bool:
        """Whether nothing came for so long that nobody is there any more."""
        return not self._turn.locked() and time.monotonic() - self.touched > self._idle

    def _look(self, data: bytes, seconds: float) -> LiveFrame:
        photo = decode_photo(data, max_pixels=self._engine.max_pixels, max_side=MAX_SIDE)
        looked = self._session.look(Frame(self.now.frames, seconds, photo.rgb))
        self._engine.assessed(looked.assessment)
        self._tell(frames=self.now.frames + 1)
        outlines = [finding.mask.polygons for finding in looked.assessment.findings]
        return LiveFrame(frame=looked.record, outlines=outlines, live=self.now)

    def _tell(self, **more: int) -> None:
        session = self._session
        found = {"damages": session.findings, "parts": session.best.parts, "photos": len(session.best.frames)}
        self.now = self.now.model_copy(update=found | more)

    def _next(self) -> None:
        self.touched = time.monotonic()
        self._turn.release()


class LiveViews(Loop):
    """All live views, in memory alone: who goes without a word is forgotten after `idle` seconds.

    most: at a time.
    """

    def __init__(self, engine: Engine, most: int, idle: float) -> None:
        super().__init__("live")
        self._engine, self._most, self._idle = engine, most, idle
        self._views: dict[str, LiveView] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._views)

    def begin(self) -> LiveView:
        """A new one. Raises ProblemError 503 if there are as many as there may be."""
        with self._lock:
            if len(self._views) >= self._most:
                detail = f"{len(self._views)} live views run already; end one, or come again later"
                raise ProblemError(503, detail, retry_after=self._engine.wait())
            view = LiveView(self._engine, self._idle)
            self._views[view.now.id] = view
            return view

    def get(self, live_id: str) -> LiveView:
        """One of them, which is not idle then. Raises ProblemError 404."""
        view = self._views.get(live_id)
        if view is None:
            raise missing("live", live_id)
        view.touched = time.monotonic()
        return view

    def end(self, live_id: str) -> None:
        """Drop one with all that it holds. Raises ProblemError 404."""
        if self._views.pop(live_id, None) is None:
            raise missing("live", live_id)

    def step(self) -> bool:
        """Drop those that are idle."""
        with self._lock:
            for live_id in [live_id for live_id, view in self._views.items() if view.idle]:
                self._views.pop(live_id, None)
        return False
