"""A run: what a source lists goes through the checks, is fetched by a few workers, and is written down in one place."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from crumple.collect.attribution import write_attribution
from crumple.collect.download import GoneError, PhotoFile, as_listed, check, download
from crumple.collect.errors import NetworkError, QuotaError, SourceError, Stopped
from crumple.collect.http import Http
from crumple.collect.manifest import PHOTOS, Manifest
from crumple.collect.outcome import Outcome
from crumple.collect.record import Entry, PhotoRecord
from crumple.collect.source import Source
from crumple.errors import CrumpleError, PhotoError
from crumple.folder_lock import only_process
from crumple.storage import Folder

QUEUED = 2  # downloads under way or waiting, for each worker
UNREACHABLE = 2  # downloads in a row, for each worker, that find no host: then it is the network


@dataclass(frozen=True)
class Wanted:
    """What to collect. families: of licences. limit: photos of this query that the folder is to hold.

    max_side: pixels of the longer side. refresh: first drop what was deleted at the source since.
    """

    query: str
    families: frozenset[str]
    limit: int
    max_side: int
    workers: int = 8
    refresh: bool = False


class Collector:
    """Collects into one folder. say: told, a line each, what was skipped and why. step: called after each photo."""

    def __init__(
        self,
        source: Source,
        http: Http,
        folder: Folder,
        wanted: Wanted,
        say: Callable[[str], None] = lambda line: None,
        step: Callable[[Outcome], None] = lambda outcome: None,
    ) -> None:
        self.source, self.http, self.folder, self.wanted = source, http, folder, wanted
        self.say, self.step = say, step
        self.outcome = Outcome()
        self._pending: dict[Future[tuple[PhotoFile, str, bool]], PhotoRecord] = {}
        self._unreachable: list[str] = []  # of downloads in a row: said only if it is not the network

    def run(self) -> Outcome:
        """Collect until the limit or the end of the results, or until `http.stop` is set; then what is done is kept.

        Raises: CrumpleError, OSError. The folder is in order then, too, and the same call goes on.
        """
        lock = only_process(self.folder.path, "collects there") if self.folder.path else nullcontext()
        with lock:
            self.manifest = Manifest(self.folder)
            self._take_stock()
            with self._in_order():
                if self.wanted.refresh:
                    self._refresh()
                self._collect()
        return self.outcome

    def _take_stock(self) -> None:
        """Which photos are whole, which have no line, and what a killed process left half-written."""
        if self.folder.path:
            for pattern in (f"{PHOTOS}/*/.*", ".manifest.*", ".ATTRIBUTION.*"):
                for half in self.folder.path.glob(pattern):
                    half.unlink(missing_ok=True)
        sizes = self.folder.sizes(PHOTOS)
        for name in self.manifest.dropped & sizes.keys():
            self.folder.delete(name)
            del sizes[name]
        entries = self.manifest.entries.values()
        self._whole = {entry.key for entry in entries if sizes.get(entry.file) == entry.bytes}
        known = {entry.file for entry in entries}
        self._strays = {str(PurePosixPath(name).with_suffix("")): name for name in sizes if name not in known}

    @contextmanager
    def _in_order(self) -> Iterator[None]:
        """However the run ends, photos that are there get their lines and ATTRIBUTION.csv its rows."""
        self._pool = ThreadPoolExecutor(self.wanted.workers, thread_name_prefix="download")
        failure: BaseException | None = None
        try:
            yield
        except Stopped:
            pass
        except BaseException as error:
            failure = error
            self.http.stop.set()  # workers that wait or fetch give up
        self._pool.shutdown(cancel_futures=failure is not None)
        with suppress(CrumpleError, OSError) if failure else nullcontext():  # the first error is the one to tell
            self._settle_rest()
            self._write_down()
        if failure:
            raise failure

    def _write_down(self) -> None:
        self.manifest.flush()
        if self.manifest.entries or self.manifest.dropped:
            write_attribution(self.folder, self.manifest.entries.values())

    def _refresh(self) -> None:
        own = {entry.key: entry for entry in self.manifest.entries.values() if entry.source == self.source.name}

        def checked() -> Iterator[Entry]:
            for entry in own.values():
                yield entry
                self.outcome.checked += 1
                self.step(self.outcome)

        for record in self.source.deleted(checked()):
            self.manifest.remove(own[record.key], _now())
            self.outcome.removed += 1
            self.say(f"removed: {record.key} was deleted at its source ({record.page_url})")

    def _collect(self) -> None:
        wanted, outcome = self.wanted, self.outcome
        try:
            for record in self._new_records():
                while len(self._pending) >= QUEUED * wanted.workers or self._full():
                    if not self._pending:
                        return self._say_unreachable()
                    self._settle()
                if self._has(record):
                    outcome.present += 1
                    self.step(outcome)
                else:
                    self._pending[self._pool.submit(self._obtain, record)] = record
        except SourceError:
            self._settle(all_of_them=True)  # what is under way is good, whatever became of the search
            raise
        self._settle(all_of_them=True)
        self._say_unreachable()

    def _say_unreachable(self) -> None:
        for line in self._unreachable:
            self.say(line)
        self._unreachable = []

    def _has(self, record: PhotoRecord) -> bool:
        """Whether the photo is in the folder; a file that was lost or cut off since is not."""
        if record.key in self.manifest.entries:
            return record.key in self._whole
        return record.origin in self.manifest.origins

    def _full(self) -> bool:
        return self.outcome.held + len(self._pending) >= self.wanted.limit

    def _new_records(self) -> Iterator[PhotoRecord]:
        """Records that may be collected, each once: results move from page to page while they are read."""
        seen = set[str]()
        if not self.wanted.limit:
            return
        for record in self.source.search(self.wanted.query, self.wanted.families, self.wanted.max_side):
            if self.http.stop.is_set():
                return
            if record.origin in seen or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", record.id):
                continue
            seen.add(record.origin)
            if record.license.family not in self.wanted.families:
                self.outcome.refused += 1
            elif record.image_url is None:
                self.outcome.too_large += 1
            else:
                yield record

    def _obtain(self, record: PhotoRecord) -> tuple[PhotoFile, str, bool]:
        """In a worker: the photo's file, its name, and whether it lay there already."""
        if self.http.stop.is_set():
            raise Stopped
        stem = f"{PHOTOS}/{record.source}/{record.id}"
        stray = self._strays.get(stem)
        if stray is not None:
            with suppress(PhotoError):
                file = check(self.folder.read(stray), record, self.wanted.max_side)
                if as_listed(file, record):
                    return file, stray, True
        file = download(self.http, record, self.wanted.max_side)
        name = stem + file.suffix
        self.folder.write(name, file.data)
        if stray not in (None, name):
            self.folder.delete(stray)
        return file, name, False

    def _settle(self, all_of_them: bool = False) -> None:
        """Write down finished downloads: at least one, or all."""
        while self._pending:
            done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
            for future in [future for future in self._pending if future in done]:  # as they were begun
                self._settle_one(future, self._pending.pop(future))
            if not all_of_them:
                return

    def _settle_rest(self) -> None:
        """Once the workers have ended: write down what they finished, without failing for what they did not."""
        for future, record in self._pending.items():
            if not future.cancelled() and future.exception() is None:
                self._settle_one(future, record)
        self._pending = {}

    def _settle_one(self, future: Future[tuple[PhotoFile, str, bool]], record: PhotoRecord) -> None:
        outcome = self.outcome
        try:
            file, name, found = future.result()
        except (Stopped, QuotaError):
            raise
        except GoneError:
            outcome.gone += 1
        except NetworkError as error:
            outcome.failed += 1
            self._unreachable.append(f"skipped: {record.key}: {error}")
            if len(self._unreachable) >= UNREACHABLE * self.wanted.workers:
                raise
        except (PhotoError, SourceError) as error:
            outcome.failed += 1
            self.say(f"skipped: {error}")
        else:
            self._say_unreachable()
            about = {"file": name, "sha256": file.sha256, "bytes": len(file.data), "query": self.wanted.query}
            decoded = {"width": file.width, "height": file.height, "collected": _now()}
            entry = Entry.model_validate({**record.model_dump(), **about, **decoded})
            self.manifest.add(entry)
            outcome.collected += 1
            outcome.found += found
            outcome.licenses[record.license.id] += 1
        self.step(outcome)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
