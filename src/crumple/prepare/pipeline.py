"""The Apache Beam pipeline: plain functions of this folder, spread over workers.

    list -> prepare photos -> all notes -> candidates by band -> verify -> plan -> publish -> finish

Neither pictures nor records travel between steps: a worker stages each prepared photo and a note of each batch at once,
and what goes on is the note's name; so with the plan. For the runner on one machine keeps several copies of whatever
travels in memory, all of it, which took 13 KB a photo. Photos are listed by the batch, packed, for the same reason, and
because Beam's work on an element takes as long as a small photo's own. Between "all notes" and "finish" nothing depends
on the order in which workers were done.
"""

import hashlib
import threading
from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import apache_beam as beam
import cv2
import numpy as np

from crumple.beam import store
from crumple.beam.listing import SourcePhoto, list_photos
from crumple.beam.progress import Stopped, in_hand
from crumple.detect.detector import Detector, load_detector
from crumple.errors import DataError, PhotoError
from crumple.prepare.copies.duplicates import BANDS, Pair, candidates, hash_table, same_picture
from crumple.prepare.copies.landmarks import Landmarks, find_landmarks
from crumple.prepare.photo.one_photo import PreparedPhoto, prepare_photo
from crumple.prepare.plan import PLACED, make_plan, pieces
from crumple.prepare.publish import announce, finish, publish
from crumple.prepare.settings import Settings
from crumple.prepare.shelf import Shelf
from crumple.prepare.staging import Parts, Staging, pack, staging, sweep, unpack

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
    notes = (
        start
        | "list" >> beam.FlatMap(_listed, source, out, stage)
        | "spread photos" >> beam.Reshuffle()
        | "prepare" >> beam.ParDo(PreparePhotos(source, settings, stage))
        | "all notes" >> beam.combiners.ToList()
    )
    copies = (
        notes
        | "bands" >> beam.FlatMap(_bands, stage)
        | "spread bands" >> beam.Reshuffle()
        | "candidates" >> beam.FlatMap(_candidates, stage)
        | "each once" >> beam.CombinePerKey(any)
        | "verify" >> beam.FlatMap(_verified, stage)
        | "all copies" >> beam.combiners.ToList()
    )
    plan = notes | "plan" >> beam.Map(_planned, settings, stage, beam.pvalue.AsSingleton(copies))
    published = (
        plan
        | "pieces" >> beam.FlatMap(_pieces, out, settings)
        | "spread pieces" >> beam.Reshuffle()
        | "publish" >> beam.Map(_published, out, stage)
        | "all published" >> beam.combiners.ToList()
    )
    plan | "finish" >> beam.Map(_finished, out, settings, stage, beam.pvalue.AsSingleton(published))


class PreparePhotos(beam.DoFn):  # type: ignore[misc]
    """A batch of photos: each read, prepared and staged, whatever happens to it. Yields the name of a note on them."""

    def __init__(self, source: str, settings: Settings, stage: Staging) -> None:
        self.source, self.settings, self.stage = source, settings, stage
        self.detector: Detector | None = None

    def setup(self) -> None:
        if self.settings.vehicle:
            with _LOADING:  # threads of one worker share the network
                self.detector = _detector(self.settings.model)

    def process(self, element: bytes, *args: Any, **kwargs: Any) -> Iterator[str]:
        # Once the run is over, nobody waits for what is left: a worker that said so would only print a traceback.
        with suppress(Stopped):
            records = []
            for todo in unpack(element):
                with in_hand(photos=1):
                    records.append(self.prepare(todo))
            with in_hand():
                note = self.stage.write_records(records)
            yield note

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


def _listed(_: None, source: str, out: str, stage: Staging) -> Iterator[bytes]:
    """Photos in batches, each packed. Raises DataError if there is none."""
    sweep(out, keep=stage)
    known = stage.read_records()
    todos = (Todo(photo, known.get(photo.name)) for photo in list_photos(source, without=out))
    found = False
    while batch := list(islice(todos, BATCH)):
        found = True
        yield pack(batch)
    if not found:
        raise DataError(f"{source}: no photo in it; give a folder with photos, or one that crumple collect wrote")


def _records(notes: Iterable[str], stage: Staging) -> Iterator[PreparedPhoto]:
    return chain.from_iterable(map(stage.read_note, notes))


def _bands(notes: list[str], stage: Staging) -> Iterator[int]:
    hashes = {photo.id: array("Q", photo.hashes) for photo in _records(notes, stage) if photo.hashes}
    stage.write_part("hashes", hash_table(hashes))
    yield from range(BANDS)


def _candidates(band: int, stage: Staging) -> Iterator[tuple[Pair, bool]]:
    table = stage.read_part("hashes")
    if band == 0:
        yield from ((pair, True) for pair in table.twins)
    yield from candidates(table, band)


def _verified(candidate: tuple[Pair, bool], stage: Staging) -> Iterator[Pair]:
    pair, sure = candidate
    with in_hand():
        same = sure or same_picture(*(_landmarks(stage.photo(photo)) for photo in pair))
    if same:
        yield pair


@lru_cache(maxsize=256)
def _landmarks(path: str) -> Landmarks:
    with store.open_file(path) as file:
        bgr = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    return find_landmarks(np.asarray(cv2.cvtColor(np.asarray(bgr), cv2.COLOR_BGR2RGB), np.uint8))


@dataclass(frozen=True)
class PlanParts:
    """A plan that lies in staging. kept, rejected: names of its parts. count: photos that are kept."""

    kept: tuple[str, ...]
    rejected: tuple[str, ...]
    count: int


def _planned(notes: list[str], settings: Settings, stage: Staging, copies: list[Pair]) -> PlanParts:
    plan = make_plan(Shelf(_records(notes, stage)), copies, settings)
    kept = [stage.write_part(f"kept-{i:06d}", piece) for i, piece in enumerate(pieces(plan.kept))]
    starts = range(0, len(plan.rejected), PLACED)
    rejected = [stage.write_part(f"rejected-{i:06d}", plan.rejected[i : i + PLACED]) for i in starts]
    return PlanParts(tuple(kept), tuple(rejected), len(plan.kept))


def _pieces(plan: PlanParts, out: str, settings: Settings) -> Iterator[str]:
    announce(out, settings)
    yield from plan.kept


def _published(piece: str, out: str, stage: Staging) -> int:
    with in_hand():
        return publish(stage.read_part(piece), out, stage)


def _finished(plan: PlanParts, out: str, settings: Settings, stage: Staging, published: list[int]) -> None:
    assert sum(published) == plan.count
    with in_hand():
        finish(Parts(stage, plan.kept), Parts(stage, plan.rejected), out, settings, stage)
