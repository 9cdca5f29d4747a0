"""The Apache Beam pipeline: plain functions of this folder, spread over workers.

    list -> prepare photos -> all records -> candidates by band -> confirm -> plan -> publish -> finish

Pictures never travel between steps: a worker stages each prepared photo at once, and what goes on is a record of about
a kilobyte. Photos travel by the batch, because Beam's work on an element takes as long as a small photo's own; records
and the plan travel packed, because the runner keeps several copies of whatever travels. Between "all records" and
"finish" nothing depends on the order in which workers were done.
"""

import hashlib
import pickle
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any, cast

import apache_beam as beam
import cv2
import numpy as np

from crumple.detect.detector import Detector, load_detector
from crumple.errors import DataError, PhotoError
from crumple.prepare import store
from crumple.prepare.duplicates import BANDS, HashTable, Pair, candidates, hash_table, same_picture
from crumple.prepare.landmarks import Landmarks, find_landmarks
from crumple.prepare.listing import SourcePhoto, list_photos
from crumple.prepare.one_photo import PreparedPhoto, prepare_photo
from crumple.prepare.plan import Plan, Work, make_plan, pieces
from crumple.prepare.progress import Stopped, in_hand
from crumple.prepare.publish import announce, finish, publish
from crumple.prepare.settings import Settings
from crumple.prepare.staging import Staging, staging, sweep

BATCH = 32  # photos; so many of each worker are prepared again after a run was killed

_LOADING = threading.Lock()


@dataclass(frozen=True)
class Todo:
    """A photo to prepare. known: what a run that was stopped found, if it got so far."""

    photo: SourcePhoto
    known: PreparedPhoto | None = None


def build(pipeline: beam.Pipeline, source: str, out: str, settings: Settings) -> None:
    """Put all steps into a pipeline. source, out: folders, as local paths or URLs that the workers can reach."""
    stage = staging(out, settings)
    start = pipeline | "start" >> beam.Create([None])
    photos = (
        start
        | "list" >> beam.FlatMap(_listed, source, out, stage)
        | "spread photos" >> beam.Reshuffle()
        | "prepare" >> beam.ParDo(PreparePhotos(source, settings, stage))
        | "all records" >> beam.combiners.ToList()
    )
    copies = (
        photos
        | "bands" >> beam.FlatMap(_bands)
        | "spread bands" >> beam.Reshuffle()
        | "candidates" >> beam.FlatMap(_candidates)
        | "each once" >> beam.CombinePerKey(any)
        | "confirm" >> beam.FlatMap(_confirmed, stage)
        | "all copies" >> beam.combiners.ToList()
    )
    plan = photos | "plan" >> beam.Map(_planned, settings, beam.pvalue.AsSingleton(copies))
    published = (
        plan
        | "pieces" >> beam.FlatMap(_pieces, out, settings)
        | "spread pieces" >> beam.Reshuffle()
        | "publish" >> beam.Map(_published, out, stage)
        | "all published" >> beam.combiners.ToList()
    )
    plan | "finish" >> beam.Map(_finished, out, settings, stage, beam.pvalue.AsSingleton(published))


class PreparePhotos(beam.DoFn):  # type: ignore[misc]
    """A batch of photos: each read, prepared and staged. Yields their records, whatever happens to them."""

    def __init__(self, source: str, settings: Settings, stage: Staging) -> None:
        self.source, self.settings, self.stage = source, settings, stage
        self.detector: Detector | None = None

    def setup(self) -> None:
        if self.settings.vehicle:
            with _LOADING:  # threads of one worker share the network
                self.detector = _detector(self.settings.model)

    def process(self, element: Sequence[Todo], *args: Any, **kwargs: Any) -> Iterator[bytes]:
        # Once the run is over, nobody waits for what is left: a worker that said so would only print a traceback.
        with suppress(Stopped):
            records, new = [], []
            for todo in element:
                with in_hand(photos=1):
                    record = self.prepare(todo)
                records.append(record)
                if todo.known is None or record.sha256 != todo.known.sha256:
                    new.append(record)
            if new:
                with in_hand():
                    self.stage.write_records(new)
            yield pack(records)

    def prepare(self, todo: Todo) -> PreparedPhoto:
        """The photo's record, its JPEG being staged."""
        photo = todo.photo
        try:
            data = store.read_photo_file(store.join(self.source, photo.name))
        except PhotoError as error:
            return PreparedPhoto(photo.name, photo.credit, reasons=("unreadable",), message=str(error))
        if todo.known and todo.known.sha256 == hashlib.sha256(data).hexdigest():
            return replace(todo.known, credit=photo.credit)
        record, jpeg = prepare_photo(data, photo.name, self.settings, credit=photo.credit, detector=self.detector)
        if jpeg is not None:
            store.write(self.stage.photo(record.id), jpeg)
        return record


@lru_cache(maxsize=1)
def _detector(model: str | None) -> Detector:
    return load_detector(model)


def _listed(_: None, source: str, out: str, stage: Staging) -> Iterator[list[Todo]]:
    """Photos in batches. Raises DataError if there is none."""
    sweep(out, keep=stage)
    known = stage.read_records()
    todos = (Todo(photo, known.get(photo.name)) for photo in list_photos(source, without=out))
    found = False
    while batch := list(islice(todos, BATCH)):
        found = True
        yield batch
    if not found:
        raise DataError(f"{source}: no photo in it; give a folder with photos, or one that crumple collect wrote")


def _records(batches: Iterable[bytes]) -> Iterator[PreparedPhoto]:
    return chain.from_iterable(map(unpack, batches))


def _bands(batches: list[bytes]) -> Iterator[tuple[int, bytes]]:
    table = pack(hash_table({photo.id: photo.hashes for photo in _records(batches) if photo.hashes}))
    for band in range(BANDS):
        yield band, table


def _candidates(work: tuple[int, bytes]) -> Iterator[tuple[Pair, bool]]:
    band, table = work[0], cast(HashTable, unpack(work[1]))
    if band == 0:
        yield from ((pair, True) for pair in table.twins)
    yield from candidates(table, band)


def _confirmed(candidate: tuple[Pair, bool], stage: Staging) -> Iterator[Pair]:
    pair, sure = candidate
    with in_hand():
        confirmed = sure or same_picture(*(_landmarks(stage.photo(photo)) for photo in pair))
    if confirmed:
        yield pair


@lru_cache(maxsize=256)
def _landmarks(path: str) -> Landmarks:
    with store.open_file(path) as file:
        bgr = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    return find_landmarks(np.asarray(cv2.cvtColor(np.asarray(bgr), cv2.COLOR_BGR2RGB), np.uint8))


def _planned(batches: list[bytes], settings: Settings, copies: list[Pair]) -> bytes:
    return pack(make_plan(_records(batches), copies, settings))


def _pieces(plan: bytes, out: str, settings: Settings) -> Iterator[Work]:
    announce(out, settings)
    yield from pieces(unpack(plan))


def _published(work: Work, out: str, stage: Staging) -> int:
    with in_hand():
        return publish(work, out, stage)


def _finished(packed: bytes, out: str, settings: Settings, stage: Staging, published: list[int]) -> None:
    plan: Plan = unpack(packed)
    assert sum(published) == len(plan.kept)
    with in_hand():
        finish(plan, out, settings, stage)


def pack(content: object) -> bytes:
    """What travels between steps, in few bytes."""
    return zlib.compress(pickle.dumps(content), 1)


def unpack(data: bytes) -> Any:
    """What `pack` packed."""
    return pickle.loads(zlib.decompress(data))
