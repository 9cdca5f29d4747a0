"""`crumple evaluate MODEL DATA`: how good a model is on labelled photos; of two models, which is better."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from crumple.cli.shared import options as o
from crumple.cli.shared.out_folder import check_out, writing_to
from crumple.cli.tables.evaluation import print_comparison, print_evaluation
from crumple.dataset.leak_records import LeakAudit
from crumple.dataset.leaks import audit_leaks
from crumple.dataset.sets import DataFile, read_data
from crumple.detect.model_info import FILE_NAME
from crumple.errors import DataError, ModelError
from crumple.evaluate.comparison import compare
from crumple.evaluate.evaluation import evaluate as run_evaluation
from crumple.evaluate.evaluation import headline_figures
from crumple.evaluate.judged.candidates import Candidate, open_candidates
from crumple.evaluate.judged.judge import OnPhoto
from crumple.evaluate.judged.model_folder import is_exported, set_operating_points
from crumple.evaluate.judged.truths import unseen
from crumple.evaluate.metrics import Metrics
from crumple.evaluate.report.page import write_report
from crumple.evaluate.report.plots import check_installed
from crumple.evaluate.report.worst import worst_photos
from crumple.evaluate.subject import subject
from crumple.evaluate.tuning.choice import choose
from crumple.files import write_aside
from crumple.model.config import CONFIG_FILE, is_checkpoint

DEFAULT_OUT = Path("crumple-evaluation")
METRICS, REPORT = "metrics.json", "report.html"


def evaluate(
    models: Annotated[
        list[Path],
        typer.Argument(
            help="Exported folder, training checkpoint, or COCO detections (.json) of any system; two are compared.",
            show_default=False,
        ),
    ],
    data: Annotated[Path, typer.Argument(help="Data file (YAML), such as recipes/data.yaml.", show_default=False)],
    split: Annotated[str, typer.Option(help="Which split of each set to measure on.")] = "val",
    root: o.Root = None,
    out: Annotated[Path, typer.Option(help=f"Folder for {METRICS} and {REPORT}.")] = DEFAULT_OUT,
    limit: Annotated[int | None, typer.Option(help="Take this many photos of each set, evenly spaced.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples behind the intervals.")] = 0,
    only_unseen: Annotated[
        bool, typer.Option("--unseen", help="Leave out photos that another split holds too, by the leak audit.")
    ] = False,
    accurate: Annotated[
        bool,
        typer.Option("--accurate", help="The model, of two the last one, looks at each photo and its mirror image."),
    ] = False,
    set_thresholds: Annotated[
        bool,
        typer.Option("--set-thresholds", help="Choose thresholds and calibration, and write them to the model."),
    ] = False,
) -> None:
    """Measure a model on labelled photos: COCO AP, precision and recall, false alarms, calibration, leaks and more.

    Two models are judged on the same photos, and their differences told from noise. A model given twice with --accurate
    is compared with itself looking twice.
    """
    if len(models) > 2:
        raise ModelError(f"{len(models)} models given: one is measured, two are compared; give one or two")
    if set_thresholds:
        _only_one_model(models, limit)
    check_installed()
    check_out(out)
    data_file = read_data(data, root=root)
    candidates = open_candidates(models, data_file, split, limit, accurate=accurate, raw=set_thresholds)
    with _progress("looking for leaks") as on_photo:
        leaks = audit_leaks(data_file, on_photo=on_photo)
    if only_unseen:
        candidates = [_unseen(candidate, leaks, data_file, split) for candidate in candidates]
    subjects = []
    for path, candidate in zip(models, candidates, strict=True):
        with _progress(str(path)) as on_photo:
            photos = candidate.judge(on_photo)
        choice = choose(photos, candidate.finder.info) if set_thresholds else None
        photos = list(choice.photos) if choice else photos
        subjects.append(subject(candidate.finder.info, photos, choice=choice, assessed=candidate.is_model, seed=seed))
    with Console(stderr=True).status("figures"):
        evaluations = tuple(
            run_evaluation(one, leaks, split=split, limit=limit, unseen=only_unseen, seed=seed, notes=candidate.notes)
            for one, candidate in zip(subjects, candidates, strict=True)
        )
        comparison = compare(*subjects) if len(subjects) == 2 else None
        worst = worst_photos(subjects[0])
    report = Metrics(models=evaluations, comparison=comparison)
    with writing_to(out):
        with write_aside(out / METRICS) as file:
            file.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        other = evaluations[1] if len(evaluations) == 2 else None
        write_report(out / REPORT, evaluations[0], worst=worst, comparison=comparison, other=other)
    if set_thresholds:
        branches = [branch for branch in evaluations[0].branches if not branch.apart]
        figures = headline_figures({branch.branch: branch.headline for branch in branches}) | {"split": split}
        fitted = {branch.branch: branch.calibration.parameters for branch in branches if branch.calibration.parameters}
        set_operating_points(
            models[0],
            subjects[0].thresholds,
            figures,
            fitted,
            places=choice.calibrations if choice else None,
            rescoring=choice.rescoring if choice else None,
            accurate=accurate,
        )
    console = Console()
    for evaluation in evaluations:
        print_evaluation(console, evaluation)
    if comparison is not None:
        print_comparison(console, comparison)
    print(f"all figures: {out / METRICS}\nreport: {out / REPORT}")
    if set_thresholds:
        print(f"thresholds and calibration: {models[0] / (FILE_NAME if is_exported(models[0]) else CONFIG_FILE)}")


def _only_one_model(models: list[Path], limit: int | None) -> None:
    if len(models) > 1 or not (is_checkpoint(models[0]) or is_exported(models[0])):
        raise ModelError(f"{models[0]}: --set-thresholds wants one model, an exported folder or a checkpoint")
    if limit:
        raise ModelError("--set-thresholds wants all photos: leave --limit away")


def _unseen(candidate: Candidate, leaks: LeakAudit, data: DataFile, split: str) -> Candidate:
    truths = unseen(candidate.truths, leaks, data, split)
    if not truths:
        raise DataError(
            f"every photo of {split} is in another split too: there is nothing to judge; leave --unseen away"
        )
    left_out = f"{len(candidate.truths) - len(truths)} photos that another split holds too were left out."
    return replace(candidate, truths=truths, notes=(*candidate.notes, left_out))


@contextmanager
def _progress(what: str) -> Iterator[OnPhoto]:
    status = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=status, transient=True, disable=not status.is_terminal) as progress:
        bar = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
