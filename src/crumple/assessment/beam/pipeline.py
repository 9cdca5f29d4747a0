"""The pipeline: list what is missing -> assess by the part -> write each part at once -> rejects and counts.

Killed at any moment it has lost the parts in hand; the next run lists what is missing then.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import PredictionResult, RunInference

from crumple.assessment.beam.handler import AssessorHandler
from crumple.assessment.beam.results import Assessed, Format, Part, Rejected, Results
from crumple.assessment.severity import Rules
from crumple.beam import store
from crumple.beam.listing import list_photos
from crumple.beam.progress import in_hand
from crumple.beam.runner import run_pipeline
from crumple.detect.model_info import ModelInfo
from crumple.detect.released import released_model
from crumple.errors import DataError
from crumple.photo_files import OVERLAY
from crumple.taxonomy import DAMAGE_BRANCH, DAMAGES

PART = 50  # photos in a file; so many of each worker are assessed again after a run was killed


@dataclass(frozen=True)
class Written:
    """A part whose file is there: how many photos of it were assessed, and the others."""

    assessed: int
    rejected: tuple[Rejected, ...]


def assess_folder(
    source: str,
    out: str,
    options: Sequence[str],
    *,
    format: Format = "jsonl",
    model: str | None = None,
    rules: str | None = None,
    min_score: float | None = None,
    accurate: bool = False,
    wait: bool = True,
) -> str | None:
    """Assess the photos in `source` that `out` has no assessment of. Returns the job's id, if the runner gives one.

    Args:
        source, out: folders, as local paths or URLs.
        accurate: look at each photo and at its mirror image, see `load_detector`.
        options: Beam's own, such as `crumple.beam.runner.local_options(2)`.
        wait: until the job is done; else it is only submitted.

    Raises CrumpleError in one line.
    """
    if not store.is_remote(out) and Path(source).resolve() == Path(out).resolve():
        raise DataError(f"{out}: is the folder of the photos; give --out a folder of its own")
    table = Rules.load(rules)
    info = ModelInfo.load(model or released_model())
    info = info.accurately() if accurate else info
    table.check_names({*DAMAGES, *info.classes(DAMAGE_BRANCH)})  # before `out` is claimed for these rules
    results = Results(out, format)
    about = {
        "source": source if store.is_remote(source) else str(Path(source).resolve()),
        "model": {"name": info.name, "version": info.version, "sha256": info.sha256},
        "min_score": min_score,
        "rules": table.model_dump(mode="json"),
    }

    def build(pipeline: beam.Pipeline) -> None:
        handler = AssessorHandler(source, model, table, min_score, accurate=accurate)
        start = pipeline | "start" >> beam.Create([None])
        listed = start | "list" >> beam.FlatMap(_missing, source, results, about).with_outputs("before", main="parts")
        written = (
            listed.parts
            | "spread" >> beam.Reshuffle()
            | "assess" >> RunInference(handler)
            | "write" >> beam.Map(_write, results)
            | "all written" >> beam.combiners.ToList()
        )
        before = beam.pvalue.AsSingleton(listed.before)
        start | "finish" >> beam.Map(_finish, results, beam.pvalue.AsSingleton(written), before)

    return run_pipeline(build, out, options, does="assesses there", wait=wait)


def _missing(_: None, source: str, results: Results, about: dict[str, Any]) -> Iterator[Any]:
    """The work that is left, in parts; and, as "before", how many photos were done. DataError if there is no photo."""
    photos = list_photos(source, without=results.folder)
    names = sorted(photo.name for photo in photos if not photo.name.endswith(OVERLAY))
    if not names:
        raise DataError(f"{source}: no photo in it; give a folder with photos")
    results.claim(about)
    stamps = store.stamps(source)
    done = results.done(stamps)
    missing = ((name, stamps.get(name, "")) for name in names if name not in done)
    while part := dict(islice(missing, PART)):
        yield Part(part)
    yield beam.pvalue.TaggedOutput("before", sum(name in done for name in names))


def _write(result: PredictionResult, results: Results) -> Written:
    part: Any = result.example
    outcomes: Any = result.inference
    rows = [outcome.row for outcome in outcomes if isinstance(outcome, Assessed)]
    with in_hand():
        results.write_part(part, rows)
    return Written(len(rows), tuple(outcome for outcome in outcomes if isinstance(outcome, Rejected)))


def _finish(_: None, results: Results, written: Iterable[Written], before: int) -> None:
    written = list(written)
    rejected = [one for part in written for one in part.rejected]
    with in_hand():
        results.finish(rejected, sum(part.assessed for part in written), before)
