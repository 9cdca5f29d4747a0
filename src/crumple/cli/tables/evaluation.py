"""An evaluation in the terminal."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from crumple.evaluate.comparison import ComparedFigure, Comparison
from crumple.evaluate.evaluation import BranchEvaluation, Evaluation
from crumple.evaluate.measures.average_precision import APReport, ClassAP
from crumple.evaluate.measures.bootstrap import Difference, Estimate
from crumple.evaluate.measures.error_types import CORRECT, MISSED, WRONG
from crumple.evaluate.measures.operating_point import OperatingFigures
from crumple.evaluate.measures.photo_shares import ALARMED, DAMAGED, NEAR, RIGHT
from crumple.evaluate.measures.pixels import ANY
from crumple.evaluate.report.place_rows import place_rows, set_name
from crumple.evaluate.report.wording import DASH, count, decimals, interval, percent, told_of

_FIGURES = {
    "AP": "ap",
    "AP10": "ap10",
    "AP25": "ap25",
    "AP50": "ap50",
    "AP75": "ap75",
    "small": "small",
    "med.": "medium",
    "large": "large",
}


def print_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print the leak verdict, the tables of every branch, and the figures by photo in sentences."""
    lines = [evaluation.leaks.verdict, *evaluation.notes]
    if evaluation.limit:
        lines.append(
            f"Only {count(evaluation.limit, 'photo')} of each set taken (--limit): a quick look, not to quote."
        )
    for line in lines:
        console.print(line, markup=False, highlight=False)
    tables = [_places(evaluation)] if evaluation.places else []
    tables += [_alarms(evaluation)] if evaluation.alarms else []
    for branch in evaluation.branches:
        tables += [_agreement(branch), _summary(branch, evaluation), _classes(branch), _operating(branch)]
    for table in tables:
        console.print("", table, sep="\n")
    console.print()
    for line in sentences(evaluation):
        console.print(line, markup=False, highlight=False)


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print the compared figures with the verdict, a table for each branch; of the classes only what is no noise."""
    a, b = comparison.a, comparison.b
    photos = count(comparison.photos, "photo")
    models = f"A: {a.name} {a.version}, B: {b.name} {b.version}, on the same {photos}"
    for line in ("", models, *comparison.notes):
        console.print(line, markup=False, highlight=False)
    figures = comparison.figures
    if all(_nothing(figure.difference) for figure in figures):
        console.print(f"A and B do not differ in any of {count(len(figures), 'figure')}.\n", highlight=False)
        return
    for branch in dict.fromkeys(figure.branch for figure in figures):
        mine = [figure for figure in figures if figure.branch == branch]
        shown = [figure for figure in mine if figure.label is None or figure.verdict != "noise"]
        console.print("", _compared(branch, shown, len(mine) - len(shown)), sep="\n")
    console.print()


def sentences(evaluation: Evaluation) -> list[str]:
    """The figures by photo and by score, in words; none about what there is nothing of."""
    errors = (_error_sentence(branch) for branch in evaluation.branches)
    scores = (_score_sentence(branch) for branch in evaluation.branches)
    return [*_photo_sentences(evaluation), *filter(None, (*errors, *scores))]


def _photo_sentences(evaluation: Evaluation) -> list[str]:
    lines = []
    if anywhere := evaluation.damage_anywhere:
        kinds = ((DAMAGED, anywhere.damaged, "damaged photo"), (ALARMED, anywhere.undamaged, "undamaged photo"))
        shares = [told_of(evaluation.photo_shares[name], photos, noun) for name, photos, noun in kinds if photos]
        if shares:
            lines.append(f"Damage anywhere: reported on {' and '.join(shares)}.")
        if anywhere.damaged:
            near, right = (
                told_of(evaluation.photo_shares[name], anywhere.damaged, "damaged photo") for name in (NEAR, RIGHT)
            )
            lines.append(f"  Rightly, by type and place (mask IoU 0.5), on {right};")
            lines.append(f"  whatever the outline (IoU 0.1), on {near}.")
        lines += [
            f"  With one score limit for all types, {at.above:.3f}: {percent(at.recall)} % and "
            f"{percent(at.false_alarms)} % (at most {percent(at.wanted)} % asked for)."
            for at in anywhere.at
        ]
    if clean := evaluation.clean_cars:
        found = count(clean.lower.findings, "finding")
        lines.append(
            f"Clean cars: {found} on {count(clean.photos, 'undamaged photo')}, {clean.upper.findings} of them from the "
            "upper threshold on."
        )
    return lines


def _error_sentence(branch: BranchEvaluation) -> str:
    made = branch.errors.reported
    if not any(made.values()):
        return ""
    types = ", ".join(f"{made[kind]} {kind.replace('_', ' ')}" for kind in (CORRECT, *WRONG))
    return f"Reported {branch.name} by type of error: {types}; {made[MISSED]} drawn ones not even nearly found."


def _score_sentence(branch: BranchEvaluation) -> str:
    check = branch.calibration.reported or branch.calibration
    if check.before.ece is None:
        return ""
    line = f"Scores of reported {branch.name}: on average {percent(check.before.ece)} % off the share that is right"
    if check.shipped:
        line += f", {percent(check.shipped.ece)} % as the model calibrates them"
    if check.after:
        line += f", {percent(check.after.ece)} % as calibrated here (cross-validated)"
    return line + "."


def _places(evaluation: Evaluation) -> Table:
    """Where damage is said to be, a column for each set."""
    table = _table("where the damage is, in %, with 95 % intervals", "figure")
    for places in evaluation.places:
        table.add_column(f"{set_name(places)}\n{count(places.photos, 'photo')}", justify="right", no_wrap=True)
    for row in place_rows(evaluation.places):
        table.add_row(row.name, *(_short(cell.figure) for cell in row.cells))
    return table


def _short(figure: Estimate) -> str:
    """ "34.5 30-39", which leaves room for four sets."""
    between = f" {percent(figure.low, 0)}-{percent(figure.high, 0)}" if interval(figure) else ""
    return percent(figure.value) + between


def _alarms(evaluation: Evaluation) -> Table:
    """On how many photos of each set damage is reported."""
    table = _table("photos with a finding, set by set", "set")
    held_out = any(row.held_out for row in evaluation.alarms)
    for name in ("photos", "with any", "%", "95 %", *(["held\nout, %"] if held_out else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for row in evaluation.alarms:
        one = row.alarmed
        name = f"{row.set} (undamaged)" if row.undamaged else row.set
        cells = [str(one.of), str(one.hits), percent(one.share.value), _interval(one.share)]
        table.add_row(name, *cells, *([percent(row.held_out.share.value)] if row.held_out else []))
    if held_out:
        table.caption = "held out: with thresholds that were chosen on other photos of these sets"
        table.caption_justify = "left"
    return table


def _agreement(branch: BranchEvaluation) -> Table:
    """How many drawn objects are met at all, beside a second person."""
    agreement = branch.agreement
    table = _table(f"{branch.name}: drawn ones that a finding of their class meets, %", "class")
    for name in ("drawn", *(f"IoU {iou}" for iou in agreement.overlaps), "findings\nthat meet one"):
        table.add_column(name, justify="right", no_wrap=True)
    people = agreement.anything.second_person is not None
    if people:
        table.add_column("a second person\nat the same IoUs", justify="right", no_wrap=True)
    for row in (*agreement.classes, agreement.anything):
        cells = [str(row.met[0].of), *(percent(one.share.value) for one in row.met), percent(row.meeting.share.value)]
        if people:
            cells.append(" / ".join(percent(met, 0) for met in row.second_person.met) if row.second_person else DASH)
        table.add_row("all" if row is agreement.anything else row.name, *cells)
    return table


def _summary(branch: BranchEvaluation, evaluation: Evaluation) -> Table:
    photos = f"{', '.join(branch.sets)} {evaluation.split}, {count(branch.headline.photos, 'photo')}"
    table = _ap_table(f"{branch.name}: {evaluation.model.name} {evaluation.model.version} on {photos}", "view")
    _add_ap(table, "headline", branch.headline)
    for name, view in branch.views.items():
        _add_ap(table, name.replace("_", " "), view)
    overall = branch.intervals["mask"].overall
    table.caption = f"95 % intervals: mask AP {_interval(overall.ap)}, AP50 {_interval(overall.ap50)}"
    table.caption_justify = "left"
    return table


def _classes(branch: BranchEvaluation) -> Table:
    table = _ap_table(f"{branch.name} by class", "class")
    for row in branch.headline.classes:
        _add_ap(table, row.name, row)
    return table


def _operating(branch: BranchEvaluation) -> Table:
    table = _table(f"{branch.name} as reported: scores from the thresholds on, mask IoU from 0.5", "class")
    for name in ("drawn", "right", "false", "prec.", "rec.", "F1", "IoU", "pixel\nIoU", "best\nF1 at"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = {**branch.operating.classes, "all": branch.operating.overall}
    for name, row in rows.items():
        curve = branch.curves.get(name)
        best = f"{curve.best.score:.2f}" if curve and curve.best else "-"
        table.add_row(name, *_counts(row), percent(branch.pixel_intervals[ANY if name == "all" else name].value), best)
    overall = branch.operating.overall
    table.caption = (
        f"95 % intervals of all: precision {_interval(overall.precision)}, recall {_interval(overall.recall)}"
    )
    table.caption_justify = "left"
    return table


def _counts(row: OperatingFigures) -> tuple[str, ...]:
    shares = (row.precision, row.recall, row.f1, row.mean_iou)
    counts = (row.objects, row.true_positives, row.false_positives)
    return (*map(str, counts), *(percent(share.value) for share in shares))


def _ap_table(title: str, first: str) -> Table:
    """Eighty columns at most: the figures of masks, and the one of boxes that is quoted most."""
    table = _table(title, first)
    for name in ("drawn", *(f"mask\n{name}" for name in _FIGURES), "box\nAP"):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _table(title: str, first: str) -> Table:
    # No padding: the box puts a space between columns, and "right_quarter_panel" leaves no room for two of them.
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    return table


def _add_ap(table: Table, name: str, row: APReport | ClassAP) -> None:
    masks = (getattr(row.mask, field) for field in _FIGURES.values())
    table.add_row(name, str(row.instances), *map(percent, (*masks, row.box.ap)))


def _compared(branch: str, figures: Sequence[ComparedFigure], left_out: int) -> Table:
    table = _table(f"{branch}: A against B", "figure")
    for name in ("A", "B", "A - B", "95 % of it", "better"):
        table.add_column(name, justify="right", no_wrap=True)
    for figure in figures:
        name = figure.name + (f" ({figure.set})" if figure.set else "") + (f", {figure.label}" if figure.label else "")
        between, places = figure.difference, decimals(figure)
        shares = (percent(share, places) for share in (figure.a.value, figure.b.value, between.difference))
        table.add_row(name, *shares, interval(between, places) or DASH, figure.verdict)
    if left_out:
        table.caption = f"and {count(left_out, 'figure')} by class that differ by no more than noise: see metrics.json"
        table.caption_justify = "left"
    return table


def _nothing(between: Difference) -> bool:
    return not any((between.difference, between.low, between.high))


def _interval(figure: Estimate) -> str:
    return interval(figure) or DASH
