"""`crumple inspect`: photos of one vehicle in, one list of its damages and panels out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crumple.cli.assess import make_assessor
from crumple.cli.shared import options as o
from crumple.cli.shared.interrupts import interrupts
from crumple.cli.shared.out_folder import writing_to
from crumple.cli.shared.progress import photo_progress
from crumple.errors import CrumpleError

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment
    from crumple.case.inspection import Inspection
    from crumple.case.pipeline import Inspector, PhotoToInspect
    from crumple.photo_files import PhotoFile

Audience = Literal["reviewer", "recipient"]
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
    audience: Annotated[
        Audience, typer.Option(help="recipient: a report without thresholds, scores and the model's figures.")
    ] = "reviewer",
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
            vehicles = _vehicles_in(photos, out)
            failed = _each(vehicles, out, _named(photos), _Run(Inspector(load()), findings, audience))
        else:
            files = _photos_in(photos, out)
            failed = _one(files, out, name or _named(photos), _Run(Inspector(load()), findings, audience))
    if failed:
        raise typer.Exit(1)


@dataclass
class _Run:
    """What all vehicles of a run have in common. failed: whether a photo or a vehicle was left out."""

    inspector: "Inspector"
    findings: Path | None
    audience: Audience
    failed: bool = field(default=False, init=False)

    def inspect(
        self,
        files: "Sequence[PhotoFile]",
        out: Path,
        name: str,
        say: Callable[..., None],
        advance: Callable[[], None],
        interrupted: Callable[[], bool],
    ) -> "Inspection":
        """Inspect one vehicle and write what came of it. Raises KeyboardInterrupt if asked to stop before a photo."""
        from crumple.case.files import write_inspection
        from crumple.case.pipeline import PhotoToInspect, drawings

        seen: list[Path] = []
        paths = {file.name: file.path for file in files}

        def done(photo: "PhotoToInspect", result: "Assessment | CrumpleError") -> None:
            if isinstance(result, CrumpleError):
                say(f"skipped: {result}")
            else:
                seen.append(paths[photo.name])
            advance()

        def stop() -> bool:
            if interrupted() and not seen:
                raise KeyboardInterrupt
            return interrupted()

        todo = [PhotoToInspect(file.path, file.name) for file in files]
        drawn = None if self.findings is None else drawings(self.findings, todo, self.inspector.assessor)
        inspection = self.inspector(todo, name=name, drawn=drawn, done=done, stop=stop)
        write_inspection(out, inspection, lambda photo: seen[photo.number - 1], audience=self.audience)
        self.failed |= len(inspection.photos) < len(files)
        return inspection

    def before(self, files: "Sequence[PhotoFile]", out: Path) -> "Inspection | None":
        """What an earlier run wrote, if its photos, model, rules and readers were the same."""
        from crumple.case.files import read_audience, read_inspection
        from crumple.files import file_sha256

        found = read_inspection(out)
        if self.findings is not None or found is None or found.findings_from != "model":
            return None
        assessor = self.inspector.assessor
        if (found.model, found.settings_sha256) != (assessor.model, assessor.settings_sha256):
            return None
        if read_audience(out) != self.audience:
            return None
        same = [one.sha256 for one in found.photos] == [file_sha256(file.path) for file in files]
        return found if same else None


def _one(files: "list[PhotoFile]", out: Path, name: str, run: _Run) -> bool:
    """Inspect one vehicle; whether a photo was left out."""
    from crumple.cli.tables.inspection import print_inspection

    progress, say = photo_progress()
    with progress, interrupts(say, STOPPING) as interrupted:
        bar = progress.add_task("photos", total=len(files))
        inspection = run.inspect(files, out, name, say, partial(progress.advance, bar), interrupted)
    print_inspection(inspection)
    print(f"{out / 'report.html'}")
    if interrupted():
        raise typer.Exit(130)
    return run.failed


def _each(vehicles: "dict[str, list[PhotoFile]]", out: Path, title: str, run: _Run) -> bool:
    """Inspect every vehicle, by the name of its folder; whether anything was left out."""
    from crumple.case.files import write_index
    from crumple.case.report.index import IndexEntry, index_entry

    progress, say = photo_progress()
    entries: list[IndexEntry] = []
    again = 0
    with progress, interrupts(say, STOPPING) as interrupted:
        bar = progress.add_task("photos", total=sum(map(len, vehicles.values())))
        for name, files in vehicles.items():
            if interrupted():
                break
            if before := run.before(files, out / name):
                again += 1
                entries.append(index_entry(before, name))
                progress.advance(bar, len(files))
                continue
            try:
                inspection = run.inspect(files, out / name, name, say, partial(progress.advance, bar), interrupted)
                entries.append(index_entry(inspection, name))
            except CrumpleError as error:
                say(f"skipped: {error}")
                entries.append(IndexEntry(name, name, len(files), problem=str(error)))
                run.failed = True
            except KeyboardInterrupt:
                if not entries:
                    raise
                break  # what is done has its index
    write_index(out, entries, title=title)
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
    return run.failed


def _vehicles_in(photos: list[Path], out: Path) -> "dict[str, list[PhotoFile]]":
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
    return vehicles


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
