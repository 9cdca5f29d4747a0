"""manifest.jsonl: one line for every photo that came, and one for every photo that was dropped again.

Lines are only ever added. Locally each is on the disk before the next photo counts; in an object store, where adding
means writing anew, they are written together every now and then. Photos that lie in the folder without a line, because
the process was killed in between, are found by their names and need not be fetched again.
"""

import time
from collections.abc import Callable
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from crumple.collect.record import Entry, Removal
from crumple.errors import DataError
from crumple.storage import Folder

MANIFEST = "manifest.jsonl"
PHOTOS = "images"
EVERY = 30.0  # seconds between writes to an object store
SHARE = 0.05  # of the time that writing a growing manifest anew may take

# JSON may hold these as they are, and many a reader takes them for the end of the line.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
_LINE: TypeAdapter[Entry | Removal] = TypeAdapter(Annotated[Entry | Removal, Field(discriminator="event")])


class Manifest:
    """The photos of a folder. entries: those that are there, by key, in the order in which they came.

    origins: of these. dropped: files that are to be deleted, if a killed process has not done so.

    Raises: DataError for a line that is none of ours.
    """

    def __init__(self, folder: Folder, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self.entries: dict[str, Entry] = {}
        self.origins: set[str] = set()
        self.dropped: set[str] = set()
        self._pending: list[bytes] = []
        self._untorn: bytes | None = None
        self._clock = clock
        self._wait = 0.0 if folder.path else EVERY
        self._next = clock() + self._wait
        for event in self._read():
            self._apply(event)

    def add(self, entry: Entry) -> None:
        """Take in a photo whose file is in the folder."""
        self._append(entry)

    def remove(self, entry: Entry, when: str) -> None:
        """Drop a photo. The line comes first: a file without one is no harm, a line without its file would be."""
        self._append(Removal(source=entry.source, id=entry.id, file=entry.file, removed=when))
        self.flush()
        self.folder.delete(entry.file)

    def flush(self) -> None:
        """Write what is not written yet."""
        if not self._pending:
            return
        started = self._clock()
        if self._untorn is not None:  # here and not on reading: whoever only reads must never write
            self.folder.write(MANIFEST, self._untorn)
            self._untorn = None
        self.folder.append(MANIFEST, b"".join(self._pending))
        self._pending = []
        now = self._clock()
        self._next = now + max(self._wait, (now - started) / SHARE if self._wait else 0)

    def _append(self, event: Entry | Removal) -> None:
        self._pending.append(event.model_dump_json().translate(_LINE_ENDS).encode() + b"\n")
        if self._clock() >= self._next:
            self.flush()
        self._apply(event)

    def _apply(self, event: Entry | Removal) -> None:
        if isinstance(event, Entry):
            self.entries[event.key] = event
            self.origins.add(event.origin)
            self.dropped.discard(event.file)
        elif (entry := self.entries.pop(f"{event.source}:{event.id}", None)) is not None:
            self.origins.discard(entry.origin)
            self.dropped.add(entry.file)

    def _read(self) -> list[Entry | Removal]:
        try:
            content = self.folder.read(MANIFEST)
        except FileNotFoundError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:  # the machine went down while the last line was written: its photo will be found again
            self._untorn = whole
        events: list[Entry | Removal] = []
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                events.append(_LINE.validate_json(line))
            except ValidationError as error:
                what = error.errors()[0]["msg"]
                where = f"{self.folder.where(MANIFEST)}, line {number}"
                raise DataError(f"{where}: is none that crumple collect wrote ({what}); repair or delete it") from None
        return events


def read_manifest(folder: Folder) -> list[Entry]:
    """The photos of a folder that `crumple collect` wrote, in the order in which they came; [] without a manifest.

    Raises: DataError for a line that is none of ours.
    """
    return list(Manifest(folder).entries.values())
