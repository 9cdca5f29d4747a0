"""`crumple assess`: photos of vehicles in, a damage report out."""

import importlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crumple.cli.shared import options as o
from crumple.cli.shared.beam_options import BEAM_PANEL, Running, check_options, check_source
from crumple.cli.shared.interrupts import interrupts
from crumple.cli.shared.out_folder import writing_to
from crumple.cli.shared.progress import photo_progress
from crumple.errors import CrumpleError, MissingExtraError

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment
    from crumple.assessment.beam.results import Format
    from crumple.assessment.many import Outcome
    from crumple.assessment.pipeline import Assessor
    from crumple.photo_files import PhotoFile

DEFAULT_OUT = Path("crumple-report")
# What a run needs besides the network.
LATER = ("crumple.assessment.overlay", "crumple.assessment.writers", "crumple.cli.tables.findings")


def assess(
    context: typer.Context,
    photos: Annotated[list[str], typer.Argument(help="A photo, or folders and photos.", show_default=False)],
    out: Annotated[
        str | None,
        typer.Option(help=f"Folder to write to. [default: beside a single photo; {DEFAULT_OUT} for many]"),
    ] = None,
    model: o.Model = None,
    rules: o.Rules = None,
    min_score: o.MinScore = None,
    accurate: o.Accurate = False,
    beam: Annotated[
        bool, typer.Option("--beam", help="As an Apache Beam pipeline: one folder or bucket of any size, and --out.")
    ] = False,
    format: Annotated[
        Literal["jsonl", "parquet"], typer.Option(help="Of the results.", rich_help_panel=BEAM_PANEL)
    ] = "jsonl",
    *,
    running: Running,
) -> None:
    """Photos of vehicles in, a damage report out: parts, damage, severity with its reason, as a table and as files.

    One photo: car.assessment.json and car.overlay.jpg beside it. Many: index.html, assessments.jsonl, findings.csv,
    coco.json and overlays/ in the folder --out. Exit code 1 if a photo of many had to be skipped.

    With --beam: one folder, gs:// or s3:// with any number of photos; assessments/ in JSON lines or Parquet and
    rejects.jsonl in --out. Run again, it does only what is missing.
    """
    check_options(context, runner=running.runner, beam=beam)
    if beam:
        _beam(photos, out, format, model, rules, min_score, accurate, running)
        return
    load = partial(make_assessor, model, rules, min_score, accurate=accurate)
    _assess([Path(photo) for photo in photos], Path(out) if out else None, load)


def _assess(photos: list[Path], out: Path | None, load: "Callable[[], Assessor]") -> None:
    from crumple.photo_files import find_photos, is_folder
    from crumple.photo_header import READABLE

    if len(photos) == 1 and not is_folder(photos[0]):
        _one(photos[0], out, load)
        return
    out = out or DEFAULT_OUT
    with writing_to(out):
        files = find_photos(photos, without=out)
        if not files:
            raise CrumpleError(f"{_named(photos)}: no photo in it; give a folder with {READABLE} files")
        outcome = _many(files, out, _named(photos), load())
    if outcome.unreached:
        raise typer.Exit(130)
    if outcome.skipped:
        raise typer.Exit(1)


def _beam(
    sources: list[str],
    out: str | None,
    format: "Format",
    model: Path | None,
    rules: Path | None,
    min_score: float | None,
    accurate: bool,
    running: Running,
) -> None:
    if len(sources) != 1 or out is None:
        raise CrumpleError("--beam takes one folder, gs:// or s3://, and needs --out")
    try:
        from crumple.assessment.beam.pipeline import assess_folder
        from crumple.assessment.beam.results import REJECTS, Results
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "beam") from None
    [source] = sources
    if running.here:
        check_source(source)
    run = partial(
        assess_folder,
        source,
        out,
        format=format,
        model=str(model) if model else None,
        rules=str(rules) if rules else None,
        min_score=min_score,
        accurate=accurate,
    )
    running.run(lambda options, wait: run(options, wait=wait), source, out, "assessing")
    if not running.here:
        return
    counts = Results(out, format).summary()
    rejected = f", {counts['rejected']} rejected ({REJECTS})" if counts["rejected"] else ""
    before = f", {counts['before']} before" if counts["before"] else ""
    print(f"{counts['assessed']} assessed{before}{rejected}: {out}")
    if counts["rejected"]:
        raise typer.Exit(1)


def make_assessor(
    model: Path | None, rules: Path | None, min_score: float | None, *, accurate: bool = False
) -> "Assessor":
    """Load the model, and meanwhile what a run needs besides it."""
    from crumple.detect.detector import load_detector

    with ThreadPoolExecutor(1) as background:
        # Compiling the network takes most of a cold start and not Python's lock: everything else is imported meanwhile.
        detector = background.submit(load_detector, model, accurate=accurate)
        for module in LATER:
            importlib.import_module(module)
        from crumple.assessment.pipeline import Assessor
        from crumple.assessment.severity import Rules

        table = Rules.load(rules)
        return Assessor(detector.result(), table, min_score)


def _one(path: Path, out: Path | None, load: "Callable[[], Assessor]") -> None:
    from crumple.assessment.stopwatch import Stopwatch
    from crumple.photo import decode_photo
    from crumple.photo_files import OVERLAY, stem_beside

    watch = Stopwatch()
    with watch("decode"):
        photo = decode_photo(path)  # before the model is loaded, so that a bad photo is told at once
    folder = out or path.parent
    stem = folder / stem_beside(path)
    with writing_to(folder):
        assessment, _ = load().inspect(photo, watch=watch)
        from crumple.assessment.writers import write_assessment, write_overlay
        from crumple.cli.tables.findings import print_assessment

        overlay = assessment.plot()
        write_overlay(f"{stem}{OVERLAY}", overlay)
        write_assessment(f"{stem}.assessment.json", assessment)
    print_assessment(assessment)
    print(f"{stem}.assessment.json\n{stem}{OVERLAY}")


def _many(files: "list[PhotoFile]", out: Path, named: str, assessor: "Assessor") -> "Outcome":
    from crumple.assessment.many import assess_many
    from crumple.assessment.numbers import counted
    from crumple.assessment.pipeline import printable

    progress, say = photo_progress()
    with progress, interrupts(say, "stopping after this photo; Ctrl-C again drops all") as interrupted:
        bar = progress.add_task("photos", total=len(files))
        assessed = 0

        def done(file: "PhotoFile", result: "Assessment | CrumpleError") -> None:
            nonlocal assessed
            if isinstance(result, CrumpleError):
                say(f"skipped: {result}", style="yellow")
            else:
                assessed += 1
            progress.advance(bar)

        def stop() -> bool:
            if interrupted() and not assessed:
                raise KeyboardInterrupt
            return interrupted()

        outcome = assess_many(assessor, files, out, title=f"Damage report: {printable(named)}", done=done, stop=stop)
    skipped = len(outcome.skipped) - (outcome.unreached > 0)  # the unreached are one entry there
    print(
        f"{counted(outcome.assessed, 'photo')} assessed, {counted(outcome.findings, 'finding')}"
        + (f", {skipped} skipped" if skipped else "")
        + (f", {outcome.unreached} not reached" if outcome.unreached else "")
        + f": {out / 'index.html'}"
    )
    return outcome


def _named(photos: list[Path]) -> str:
    return ", ".join(str(path) for path in photos[:3]) + (", ..." if len(photos) > 3 else "")
