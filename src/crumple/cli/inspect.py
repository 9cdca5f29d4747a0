"""`crumple inspect`: photos of one vehicle in, one list of its damages and panels out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crumple.cli.assess import make_assessor
from crumple.cli.shared import options as o
from crumple.cli.shared.interrupts import interrupts
from crumple.cli.shared.out_folder import writing_to
from crumple.errors import CrumpleError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from crumple.assessment.assessment import Assessment, ModelReference
    from crumple.case.inspection import Inspection
    from crumple.case.pipeline import Inspector, PhotoToInspect
    from crumple.photo_files import PhotoFile

DEFAULT_OUT = Path("crumple-case")
STOPPING = "stopping after this photo; Ctrl-C again drops all"


def inspect(
    photos: Annotated[
        list[Path], typer.Argument(help="Photos of one vehicle, or folders of them.", show_default=False)
    ],
    out: o.Out = DEFAULT_OUT,
    name: Annotated[
        str | None, typer.Option(help="What to call it, such as a claim number. [default: the folder's name]")
    ] = None,
    findings: Annotated[
        Path | None,
        typer.Option(help="Take the damages from this COCO file, in place of the model's.", show_default=False),
    ] = None,
    each: Annotated[bool, typer.Option("--each", help="Every folder in the folder is a vehicle of its own.")] = False,
    model: o.Model = None,
    rules: o.Rules = None,
    min_score: o.MinScore = None,
    accurate: o.Accurate = False,
) -> None:
    """Photos of one vehicle in, one list of damages out: each damage once, with all photos that show it.

    Writes inspection.json, assessments.jsonl, damages.csv, report.html, report.pdf and pictures/ into --out. Exit code
    1 if a photo could not be read.

    With --each, PHOTOS is one folder that holds a folder for each vehicle: --out gets the same for each of them, and
    index.html to find them by. Run again, it goes on where it was interrupted, and does anew what has changed.
    """
    from crumple.case.pipeline import Inspector

    load = partial(make_assessor, model, rules, min_score, accurate=accurate)
    with writing_to(out):
        if each:
            if name is not None:
                raise CrumpleError("--name is for one vehicle; with --each, the folders name them")
            failed = _each(photos, out, findings, lambda: Inspector(load()))
        else:
            failed = _one(photos, out, name, findings, lambda: Inspector(load()))
    if failed:
        raise typer.Exit(1)


def _one(
    photos: list[Path], out: Path, name: str | None, findings: Path | None, load: "Callable[[], Inspector]"
) -> bool:
    """Inspect one vehicle; whether a photo was left out."""
    from crumple.cli.tables.inspection import print_inspection

    files = _photos_in(photos, out)
    name = name or _named(photos)
    inspector, (console, progress) = load(), _progress()
    with progress, interrupts(partial(_say, console), STOPPING) as interrupted:
        bar = progress.add_task("photos", total=len(files))
        inspection = _inspect(inspector, files, out, name, findings, console, progress, bar, interrupted)
    print_inspection(inspection)
    print(f"{out / 'report.html'}")
    if interrupted():
        raise typer.Exit(130)
    return len(inspection.photos) < len(files)


def _each(photos: list[Path], out: Path, findings: Path | None, load: "Callable[[], Inspector]") -> bool:
    """Inspect every vehicle of a folder; whether anything was left out."""
    from crumple.case.files import read_inspection, write_index
    from crumple.case.report.index import IndexEntry, index_entry
    from crumple.photo_files import find_photos

    if len(photos) != 1 or not photos[0].is_dir():
        raise CrumpleError("--each takes one folder, which holds a folder of photos for each vehicle")
    hidden = out.resolve()
    folders = sorted(
        one for one in photos[0].iterdir() if one.is_dir() and one.name[0] != "." and one.resolve() != hidden
    )
    vehicles = {folder.name: files for folder in folders if (files := find_photos([folder], without=out))}
    if not vehicles:
        raise CrumpleError(f"{photos[0]}: no folder of photos in it; give a folder that holds one for each vehicle")
    inspector, (console, progress) = load(), _progress()
    entries: list[IndexEntry] = []
    failed, again = False, 0
    with progress, interrupts(partial(_say, console), STOPPING) as interrupted:
        bar = progress.add_task("photos", total=sum(map(len, vehicles.values())))
        for name, files in vehicles.items():
            if interrupted():
                break
            before = read_inspection(out / name)
            if before and not _changed(before, files, findings, inspector.assessor.model):
                again += 1
                entries.append(index_entry(before, name))
                progress.advance(bar, len(files))
                continue
            try:
                inspection = _inspect(inspector, files, out / name, name, findings, console, progress, bar, interrupted)
            except CrumpleError as error:
                _say(console, f"skipped: {error}")
                entries.append(IndexEntry(name, name, len(files), problem=str(error)))
                failed = True
                continue
            failed |= len(inspection.photos) < len(files)
            entries.append(index_entry(inspection, name))
            if interrupted():
                break
    write_index(out, entries, title=_named(photos))
    inspected = sum(entry.problem is None for entry in entries)
    left = len(vehicles) - inspected
    print(
        f"{inspected} of {len(vehicles)} vehicles inspected"
        + (f", {again} of them before" if again else "")
        + (f", {left} not" if left else "")
        + f": {out / 'index.html'}"
    )
    if interrupted():
        raise typer.Exit(130)
    return failed


def _inspect(
    inspector: "Inspector",
    files: "Sequence[PhotoFile]",
    out: Path,
    name: str,
    findings: Path | None,
    console: "Console",
    progress: "Progress",
    bar: "TaskID",
    interrupted: Callable[[], bool],
) -> "Inspection":
    """Inspect one vehicle and write what came of it."""
    from crumple.case.files import write_inspection
    from crumple.case.pipeline import PhotoToInspect, drawings

    seen: list[Path] = []

    def done(photo: "PhotoToInspect", result: "Assessment | CrumpleError") -> None:
        if isinstance(result, CrumpleError):
            _say(console, f"skipped: {result}")
        else:
            seen.append(paths[photo.name])
        progress.advance(bar)

    def stop() -> bool:
        if interrupted() and not seen:
            raise KeyboardInterrupt
        return interrupted()

    paths = {file.name: file.path for file in files}
    todo = [PhotoToInspect(file.path, file.name) for file in files]
    drawn = None if findings is None else drawings(findings, todo, inspector.assessor)
    inspection = inspector(todo, name=name, drawn=drawn, done=done, stop=stop)
    write_inspection(out, inspection, lambda photo: seen[photo.number - 1])
    return inspection


def _changed(
    before: "Inspection", files: "Sequence[PhotoFile]", findings: Path | None, model: "ModelReference"
) -> bool:
    """Whether a vehicle has other photos than when it was inspected, or would be inspected by something else now."""
    from crumple.files import file_sha256

    if findings is not None or before.findings_from != "model" or before.model != model:
        return True
    return [one.sha256 for one in before.photos] != [file_sha256(file.path) for file in files]


def _photos_in(photos: list[Path], out: Path) -> "list[PhotoFile]":
    from crumple.photo_files import find_photos
    from crumple.photo_header import READABLE

    files = find_photos(photos, without=out)
    if not files:
        raise CrumpleError(f"{_named(photos)}: no photo in it; give a folder with {READABLE} files")
    return files


def _named(photos: list[Path]) -> str:
    if len(photos) == 1:
        return photos[0].resolve().name or str(photos[0])
    return ", ".join(path.name for path in photos[:3]) + (", ..." if len(photos) > 3 else "")


def _progress() -> "tuple[Console, Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return console, Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _say(console: "Console", words: str) -> None:
    console.print(words, markup=False, highlight=False, soft_wrap=True)
