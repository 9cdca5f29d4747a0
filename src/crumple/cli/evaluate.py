"""`crumple evaluate MODEL DATA`: COCO AP of a model on labelled photos."""

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from crumple.dataset.sets import read_data
from crumple.errors import ModelError
from crumple.evaluate.average_precision import APReport, ClassAP
from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.evaluation import evaluate as run_evaluation
from crumple.evaluate.model_folder import open_detector, set_operating_points
from crumple.evaluate.thresholds import choose_thresholds
from crumple.evaluate.validation import headline_figures
from crumple.files import write_aside
from crumple.model.config import is_checkpoint

_FIGURES = {"AP": "ap", "AP50": "ap50", "AP75": "ap75", "small": "small", "med.": "medium", "large": "large"}


def evaluate(
    model: Annotated[Path, typer.Argument(help="Exported folder (model.xml) or training checkpoint (weights.npz).")],
    data: Annotated[Path, typer.Argument(help="Data file (YAML), such as recipes/data.yaml.")],
    split: Annotated[str, typer.Option(help="Which split of each set to measure on.")] = "val",
    root: Annotated[Path | None, typer.Option(help="Folder of the data, in place of the data file's own root.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write every figure to this JSON file.")] = None,
    limit: Annotated[int | None, typer.Option(help="Take this many photos of each set, evenly spaced.")] = None,
    set_thresholds: Annotated[
        bool, typer.Option("--set-thresholds", help="Choose reporting thresholds and write them to the checkpoint.")
    ] = False,
) -> None:
    """Measure a model on labelled photos: COCO box and mask AP, overall and per class."""
    data_file = read_data(data, root=root)
    detector = open_detector(model)
    if set_thresholds and not is_checkpoint(model):
        raise ModelError(f"{model}: --set-thresholds wants a checkpoint (config.json and weights.npz)")
    if set_thresholds and limit:
        raise ModelError("--set-thresholds wants all photos: leave --limit away")
    console, status = Console(), Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=status, transient=True, disable=not status.is_terminal) as progress:
        bar = progress.add_task("photos", total=None)
        evaluation = run_evaluation(
            detector,
            data_file,
            split,
            limit=limit,
            on_photo=lambda done, total: progress.update(bar, completed=done, total=total),
        )
        if set_thresholds:
            bar = progress.add_task("thresholds", total=None)
            thresholds = choose_thresholds(
                detector, data_file, split, lambda done, total: progress.update(bar, completed=done, total=total)
            )
            set_operating_points(model, thresholds, headline_figures(evaluation) | {"split": split})
    for branch in evaluation.branches:
        console.print(_summary(branch, evaluation), "", _classes(branch.headline), "", sep="\n")
    if out is not None:
        with write_aside(out) as path:
            path.write_text(evaluation.model_dump_json(indent=2) + "\n", encoding="utf-8")
        console.print(f"all figures: {out}")
    if set_thresholds:
        console.print(f"thresholds: {model / 'config.json'}")


def _summary(branch: BranchEvaluation, evaluation: Evaluation) -> Table:
    photos = f"{', '.join(branch.sets)} {evaluation.split}, {branch.headline.photos} photos"
    table = _table(f"{branch.branch}: {evaluation.model.name} {evaluation.model.version} on {photos}", "view")
    _add_row(table, "headline", branch.headline)
    for name, view in branch.views.items():
        _add_row(table, name.replace("_", " "), view)
    return table


def _classes(report: APReport) -> Table:
    table = _table(f"{report.branch} by class", "class")
    for row in report.classes:
        _add_row(table, row.name, row)
    return table


def _table(title: str, first: str) -> Table:
    """Eighty columns at most: the six figures of masks, and the two of boxes that are quoted most."""
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
    )
    table.add_column(first, no_wrap=True)
    for name in ("drawn", *(f"mask\n{name}" for name in _FIGURES), "box\nAP", "box\nAP50"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _add_row(table: Table, name: str, row: APReport | ClassAP) -> None:
    masks = (getattr(row.mask, field) for field in _FIGURES.values())
    table.add_row(name, str(row.instances), *map(_percent, (*masks, row.box.ap, row.box.ap50)))


def _percent(value: float | None) -> str:
    """One decimal, as papers print AP; a dash where there is nothing to find."""
    return "-" if value is None else f"{100 * value:.1f}"
