"""Joins the findings of each inspection's photos to damages, one inspection at a time, once its photos are assessed.

It looks at pixels, so it takes seconds to minutes, and it is no request's and no transaction's business. What is joined
is kept; a process that dies in between leaves the case in the queue.
"""

import logging
import threading
import time
from functools import partial

from crumple.case.adding_up import AssessedPhoto, join_photos
from crumple.case.joining import Joined
from crumple.case.observations import Pixels
from crumple.case.pipeline import JOINING_SIDE, MAX_PHOTOS
from crumple.photo import decode_photo
from crumple.serve.contract.problems import ProblemError
from crumple.serve.review.findings import Reviewer
from crumple.serve.review.grouping import JoinedCase, Name
from crumple.serve.store.cases import LEASE, Cases, CaseToJoin, Snapshot
from crumple.serve.store.photos import PhotoStore
from crumple.serve.work.changes import Changes
from crumple.serve.work.loop import Loop

ATTEMPTS = 3  # a case that ends the process, or fails, as often is joined without a look at its pixels
TOO_LONG = "comparing the photos took too long; damages were joined by their types and places alone"
FAILED = "the photos could not be compared; damages were joined by their types and places alone"
TOO_MANY = f"more than {MAX_PHOTOS} photos: damages were not joined"
log = logging.getLogger("crumple.serve")


class _Stopped(Exception):
    """There is no use in looking at more photos."""


class Joining(Loop):
    """Takes cases from the queue.

    Args:
        after: seconds without anything new before a case is joined; it looks twice in that time.
        deadline: seconds for one case; then it is joined without a look at its pixels.
    """

    def __init__(
        self,
        cases: Cases,
        photos: PhotoStore,
        reviewer: Reviewer,
        changes: Changes,
        *,
        after: float,
        deadline: float,
    ) -> None:
        super().__init__("joining")
        self.poll = min(self.poll, max(after / 2, 0.02))
        self._cases, self._photos, self._reviewer = cases, photos, reviewer
        self._changes, self._deadline = changes, deadline
        self._stale: list[str] | None = None

    def step(self) -> bool:
        """Join one case."""
        if self._stale is None:
            self._stale = self._cases.stale()
        if self._stale:
            self._tell(self._stale.pop())
            return True
        taken = self._cases.take()
        if taken is None:
            return False
        try:
            found = self._cases.snapshot(taken.inspection_id)
            self._cases.joined(taken, self._joined(taken, found))
            self._tell(taken.inspection_id)
        except ProblemError:  # it was deleted meanwhile
            return True
        except _Stopped:
            self._cases.later(taken, failed=False)
        except Exception:
            log.exception("inspection %s could not be joined; it is tried again", taken.inspection_id)
            self._cases.later(taken, failed=True)
        return True

    def _tell(self, inspection_id: str) -> None:
        try:
            self._cases.refresh(inspection_id)
        except ProblemError:
            return
        self._changes.tell(inspection_id)

    def _joined(self, taken: CaseToJoin, found: Snapshot) -> JoinedCase | None:
        """What joining finds; None: there is nothing that it has not seen."""
        photos, names = [], []
        for photo in found.photos:
            findings = self._reviewer.findings(photo.assessment, found.image_events(photo.id))
            names += [(photo.id, finding.id) for finding in findings]
            drawn = [one if one.score is not None else one.model_copy(update={"score": 1.0}) for one in findings]
            photos.append((photo, photo.assessment.model_copy(update={"findings": drawn})))
        if found.case.joined is not None and set(names) <= set(found.joined.observations):
            return None
        if len(photos) > MAX_PHOTOS:
            return JoinedCase(observations=names, groups=[[i] for i in range(len(names))], notes=[TOO_MANY])
        blind = [AssessedPhoto(reviewed, id=photo.id, followed=photo.followed) for photo, reviewed in photos]
        if taken.attempts > ATTEMPTS:
            return _kept(join_photos(blind), names, blind, [FAILED])
        over = threading.Event()
        attempt = _Attempt(
            [
                AssessedPhoto(assessment, partial(self._pixels, over, photo.file), photo.id, followed=photo.followed)
                for photo, assessment in photos
            ]
        )
        attempt.start()
        end = time.monotonic() + self._deadline
        while not attempt.done.wait(min(LEASE.total_seconds() / 4, max(0.0, end - time.monotonic()))):
            self._cases.renew(taken)
            if self._stop.is_set():
                over.set()
                raise _Stopped
            if time.monotonic() >= end:
                over.set()
                log.warning("inspection %s: not joined within %g s", taken.inspection_id, self._deadline)
                return _kept(join_photos(blind), names, blind, [TOO_LONG])
        if attempt.error is not None:
            raise attempt.error
        assert attempt.found is not None
        return _kept(attempt.found, names, blind, [])

    def _pixels(self, over: threading.Event, file: str) -> Pixels:
        if over.is_set():
            raise _Stopped
        data = self._photos.read(file)
        with self._photos.decoding:
            return decode_photo(data, at_least=JOINING_SIDE).rgb


class _Attempt(threading.Thread):
    """Joining in a thread that can be left behind."""

    def __init__(self, photos: list[AssessedPhoto]) -> None:
        super().__init__(name="join", daemon=True)
        self._photos = photos
        self.done = threading.Event()
        self.found: Joined | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.found = join_photos(self._photos)
        except Exception as error:
            self.error = error
        finally:
            self.done.set()


def _kept(joined: Joined, names: list[Name], photos: list[AssessedPhoto], notes: list[str]) -> JoinedCase:
    """As it is kept."""
    group_of = {i: number for number, group in enumerate(joined.groups) for i in group}
    return JoinedCase(
        observations=names,
        groups=[list(group) for group in joined.groups],
        pairs=[(i, j, chance) for (i, j), chance in (joined.pairs or {}).items() if group_of[i] == group_of[j]],
        maybe_same=list(joined.maybe_same),
        other_vehicle=[str(photos[i].id) for i in joined.other_vehicle],
        notes=notes,
    )
