"""An evaluation in the terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from crumple.evaluate.average_precision import APReport, ClassAP
from crumple.evaluate.bootstrap import Difference, Estimate
from crumple.evaluate.comparison import Comparison
from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.operating_point import OperatingFigures
from crumple.evaluate.pixels import ANY

_FIGURES = {"AP": "ap", "AP50": "ap50", "AP75": "ap75", "small": "small", "med.": "medium", "large": "large"}


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print the leak verdict, the tables of every branch, and the figures by photo in sentences."""
    for line in (evaluation.leaks.verdict, *evaluation.notes):
        console.print(line, markup=False, highlight=False)
    for branch in evaluation.branches:
        tables = (_summary(branch, evaluation), _classes(branch.headline), _operating(branch))
        for table in tables:
            console.print("", table, sep="\n")
    console.print()
    for line in sentences(evaluation):
        console.print(line, markup=False, highlight=False)


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print every compared figure with the verdict, a table for each branch."""
    a, b = comparison.a, comparison.b
    models = f"A: {a.name} {a.version}, B: {b.name} {b.version}, on the same {comparison.photos} photos"
    console.print("", models, sep="\n", markup=False, highlight=False)
    for branch in dict.fromkeys(figure.branch for figure in comparison.figures):
        table = _table(f"{branch}: A against B", "figure")
        for name in ("A", "B", "A - B", "95 % of it", "better"):
            table.add_column(name, justify="right", no_wrap=True)
        for figure in comparison.figures:
            if figure.branch == branch:
                between = figure.difference
                shares = map(_percent, (figure.a.value, figure.b.value, between.difference))
                table.add_row(figure.name, *shares, _interval(between), figure.verdict)
        console.print("", table, sep="\n")
    console.print()


def sentences(evaluation: Evaluation) -> list[str]:
    """The figures by photo, by part and by score, in words."""
    lines = []
    if anywhere := evaluation.damage_anywhere:
        damaged = _share(anywhere.recall, anywhere.damaged, "damaged photos")
        undamaged = _share(anywhere.false_alarms, anywhere.undamaged, "undamaged photos")
        lines.append(f"Damage anywhere: reported on {damaged} and {undamaged}.")
        lines += [
            f"  With one score limit for all types, {at.above:.3f}: {_percent(at.recall)} % and "
            f"{_percent(at.false_alarms)} % (at most {_percent(at.wanted)} % asked for)."
            for at in anywhere.at
        ]
    if clean := evaluation.clean_cars:
        lines.append(
            f"Clean cars: {clean.reported.findings} findings on {clean.photos} undamaged photos, "
            f"{clean.confirmed.findings} of them confirmed; {_percent(clean.reported.share)} % of the photos have any."
        )
    if parts := evaluation.damaged_parts:
        for source, report in (("drawn", parts.drawn), ("found", parts.found)):
            if report:
                row = report.parts
                damaged = _share(row.recall, row.damaged, "damaged parts")
                undamaged = _share(row.false_alarms, row.undamaged, "undamaged ones")
                lines.append(f"Damaged parts ({source} parts): a finding is on {damaged} and {undamaged}.")
    if place := evaluation.placement:
        lines.append(
            f"Placement: {place.right} of {place.judged} damages found were put on the right part "
            f"({_percent(place.accuracy)} %)."
        )
    else:
        lines.append("Placement: no photo has both parts and damage drawn, so nobody can tell.")
    for branch in evaluation.branches:
        scores = branch.calibration.reported or branch.calibration
        after = scores.after.ece if scores.after else None
        lines.append(
            f"Scores of reported {branch.branch}: on average {_percent(scores.before.ece)} % off the share that is "
            f"right, {_percent(after)} % after calibration (cross-validated)."
        )
    return lines


def _summary(branch: BranchEvaluation, evaluation: Evaluation) -> Table:
    photos = f"{', '.join(branch.sets)} {evaluation.split}, {branch.headline.photos} photos"
    table = _ap_table(f"{branch.branch}: {evaluation.model.name} {evaluation.model.version} on {photos}", "view")
    _add_ap(table, "headline", branch.headline)
    for name, view in branch.views.items():
        _add_ap(table, name.replace("_", " "), view)
    overall = branch.intervals["mask"].overall
    table.caption = f"95 % intervals: mask AP {_interval(overall.ap)}, AP50 {_interval(overall.ap50)}"
    table.caption_justify = "left"
    return table


def _classes(report: APReport) -> Table:
    table = _ap_table(f"{report.branch} by class", "class")
    for row in report.classes:
        _add_ap(table, row.name, row)
    return table


def _operating(branch: BranchEvaluation) -> Table:
    table = _table(f"{branch.branch} as reported: scores from the thresholds on, masks matched at IoU 0.5", "class")
    for name in ("drawn", "right", "false", "prec.", "rec.", "F1", "IoU", "pixel\nIoU", "best\nF1 at"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = {**branch.operating.classes, "all": branch.operating.overall}
    for name, row in rows.items():
        curve = branch.curves.get(name)
        best = f"{curve.best.score:.2f}" if curve and curve.best else "-"
        table.add_row(name, *_counts(row), _percent(branch.pixel_intervals[ANY if name == "all" else name].value), best)
    overall = branch.operating.overall
    table.caption = (
        f"95 % intervals of all: precision {_interval(overall.precision)}, recall {_interval(overall.recall)}"
    )
    table.caption_justify = "left"
    return table


def _counts(row: OperatingFigures) -> tuple[str, ...]:
    shares = (row.precision, row.recall, row.f1, row.mean_iou)
    counts = (row.objects, row.true_positives, row.false_positives)
    return (*map(str, counts), *(_percent(share.value) for share in shares))


def _ap_table(title: str, first: str) -> Table:
    """Eighty columns at most: the six figures of masks, and the two of boxes that are quoted most."""
    table = _table(title, first)
    for name in ("drawn", *(f"mask\n{name}" for name in _FIGURES), "box\nAP", "box\nAP50"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _table(title: str, first: str) -> Table:
    table = Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
    )
    table.add_column(first, no_wrap=True)
    return table


def _add_ap(table: Table, name: str, row: APReport | ClassAP) -> None:
    masks = (getattr(row.mask, field) for field in _FIGURES.values())
    table.add_row(name, str(row.instances), *map(_percent, (*masks, row.box.ap, row.box.ap50)))


def _share(value: float | None, of: int, what: str) -> str:
    """ "34.5 % of 110 damaged photos", or that there are none."""
    return f"{_percent(value)} % of {of} {what}" if of else f"none of 0 {what}"


def _interval(figure: Estimate | Difference) -> str:
    return "-" if figure.low is None else f"{_percent(figure.low)} to {_percent(figure.high)}"


def _percent(value: float | None) -> str:
    """One decimal, as papers print AP; a dash where there is nothing to tell."""
    return "-" if value is None else f"{round(100 * value, 1) + 0:.1f}"  # and no "-0.0"
