"""`crumple assess`: photos of vehicles in, a damage report out."""

import importlib
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from crumple.cli.out_folder import writing_to
from crumple.errors import CrumpleError

if TYPE_CHECKING:
    from crumple.assess.assessment import Assessment
    from crumple.assess.many import Outcome
    from crumple.assess.photo_files import PhotoFile
    from crumple.assess.pipeline import Assessor

DEFAULT_OUT = Path("crumple-report")
# What a run needs besides the network.
LATER = ("crumple.assess.draw", "crumple.assess.writers", "crumple.cli.findings_table")


def assess(
    photos: Annotated[list[Path], typer.Argument(help="A photo, or folders and photos.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(help=f"Folder to write to. [default: beside a single photo; {DEFAULT_OUT} for many]"),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Exported model folder. [default: the one that ships]")] = None,
    rules: Annotated[Path | None, typer.Option(help="Severity rules, YAML. [default: those that ship]")] = None,
    min_score: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Lowest score kept. [default: the model's own thresholds]", show_default=False),
    ] = None,
) -> None:
    """Photos of vehicles in, a damage report out: parts, damage, severity with its reason, as a table and as files.

    One photo: car.assessment.json and car.overlay.jpg beside it. Many: index.html, assessments.jsonl, findings.csv,
    coco.json and overlays/ in the folder --out. Exit code 1 if a photo of many had to be skipped.
    """
    from crumple.assess.photo_files import find_photos, is_folder
    from crumple.photo_header import READABLE

    if len(photos) == 1 and not is_folder(photos[0]):
        _one(photos[0], out, model, rules, min_score)
        return
    out = out or DEFAULT_OUT
    with writing_to(out):
        files = find_photos(photos, without=out)
        if not files:
            raise CrumpleError(f"{_named(photos)}: no photo in it; give a folder with {READABLE} files")
        outcome = _many(files, out, _named(photos), _assessor(model, rules, min_score))
    if outcome.unreached:
        raise typer.Exit(130)
    if outcome.skipped:
        raise typer.Exit(1)


def _assessor(model: Path | None, rules: Path | None, min_score: float | None) -> "Assessor":
    from crumple.detect.detector import load_detector

    with ThreadPoolExecutor(1) as background:
        # Compiling the network takes most of a cold start and not Python's lock: everything else is imported meanwhile.
        detector = background.submit(load_detector, model)
        for module in LATER:
            importlib.import_module(module)
        from crumple.assess.pipeline import Assessor
        from crumple.assess.severity import Rules

        table = Rules.load(rules)
        return Assessor(detector.result(), table, min_score)


def _one(path: Path, out: Path | None, model: Path | None, rules: Path | None, min_score: float | None) -> None:
    from crumple.assess.photo_files import OVERLAY, stem_beside
    from crumple.assess.stopwatch import Stopwatch
    from crumple.photo import decode_photo

    watch = Stopwatch()
    with watch("decode"):
        photo = decode_photo(path)  # before the model is loaded, so that a bad photo is told at once
    folder = out or path.parent
    stem = folder / stem_beside(path)
    with writing_to(folder):
        assessment, _ = _assessor(model, rules, min_score).inspect(photo, watch=watch)
        from crumple.assess.writers import write_assessment, write_overlay
        from crumple.cli.findings_table import print_assessment

        overlay = assessment.plot()
        write_overlay(f"{stem}{OVERLAY}", overlay)
        write_assessment(f"{stem}.assessment.json", assessment)
    print_assessment(assessment)
    print(f"{stem}.assessment.json\n{stem}{OVERLAY}")


def _many(files: "list[PhotoFile]", out: Path, named: str, assessor: "Assessor") -> "Outcome":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from crumple.assess.many import assess_many, counted
    from crumple.assess.pipeline import printable

    console = Console(stderr=True)
    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with progress, _interrupts(say) as interrupted:
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


@contextmanager
def _interrupts(say: Callable[[str], None]) -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a wish to stop after the present photo; the second one ends the run at once."""
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        say("stopping after this photo; Ctrl-C again drops all")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _named(photos: list[Path]) -> str:
    return ", ".join(str(path) for path in photos[:3]) + (", ..." if len(photos) > 3 else "")
