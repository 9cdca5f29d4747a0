"""The HTML report of an evaluation: one file that opens from disk.

Its plots and photos are inside it, and nothing is fetched from anywhere. What it says in words about each figure is in
templates/.
"""

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Protocol

from jinja2 import Environment
from markupsafe import Markup

from crumple import __version__
from crumple.dataset.leak_records import SplitPair
from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.comparison import ComparedFigure, Comparison
from crumple.evaluate.evaluation import TRAIN, BranchEvaluation, Evaluation
from crumple.evaluate.measures.bootstrap import RESAMPLES, Estimate
from crumple.evaluate.measures.calibration import CalibrationCheck, ReliabilityBin
from crumple.evaluate.measures.error_types import BACKGROUND, BOTH, CLASS, CORRECT, DUPLICATE, MISSED, OUTLINE
from crumple.evaluate.measures.photo_shares import ALARMED, DAMAGED, NEAR, RIGHT
from crumple.evaluate.places.by_set import SetPlaces
from crumple.evaluate.places.names import in_order
from crumple.evaluate.report.place_rows import place_rows, set_name
from crumple.evaluate.report.plots import Mark, confusion_matrix, interval_bars, precision_recall, reliability
from crumple.evaluate.report.summary import right_names, summary
from crumple.evaluate.report.wording import count, decimals, interval, percent
from crumple.evaluate.report.worst import WorstPhoto
from crumple.files import write_aside
from crumple.pages import page_templates
from crumple.taxonomy import DAMAGE_BRANCH
from crumple.taxonomy import title as in_words

SHOWN_CONFUSED = 12  # pairs of parts listed; all of them are in metrics.json
SHOWN_LEAKS = 50  # pairs of photos listed; all of them are in metrics.json

_VIEWS = {
    "sides_merged": ("sides merged", "left and right of a part as one name"),
    "tailgate_merged": ("trunk and tailgate merged", "trunk and tailgate as one, for the labels mix them"),
    "as_given": ("as given", "objects that the source draws as one, such as several wheels, are not split"),
}
_ERRORS = {
    OUTLINE: "its class, but another outline (IoU 0.1 to 0.5)",
    CLASS: "outlined well, but called another class",
    BOTH: "another class and another outline",
    DUPLICATE: "found a second time",
    BACKGROUND: "where nothing is drawn",
    MISSED: "drawn and not even nearly found",
}
_GROUPS = {
    "size": "By size of the drawn object",
    "brightness": "By brightness of the photo",
    "sharpness": "By sharpness of the photo",
    "count": "By number of objects drawn on the photo",
}


class NamedRow(Protocol):
    """A row of a table by part or by damage type."""

    @property
    def name(self) -> str: ...


def write_report(
    path: str | os.PathLike[str],
    evaluation: Evaluation,
    *,
    worst: Sequence[WorstPhoto] = (),
    comparison: Comparison | None = None,
    other: Evaluation | None = None,
) -> None:
    """Write the report of one model as one HTML file; written aside, then renamed.

    Args:
        worst: photos to show, the worst first.
        comparison: with another model on the same photos, the one evaluated being A.
        other: the evaluation of B, for what a reader must know of it.

    Raises MissingExtraError without matplotlib.
    """
    page = (
        templates()
        .get_template("evaluation.html")
        .render(
            e=evaluation,
            summary=summary(evaluation),
            plots={branch.name: branch_plots(branch) for branch in evaluation.branches},
            place_rows=place_rows(evaluation.places),
            place_columns=[set_name(places) for places in evaluation.places],
            place_plots={set_name(places): _panel_curve(places) for places in evaluation.places},
            touched=_touched(evaluation),
            comparison=comparison,
            other=other,
            compared=_by_scope(comparison) if comparison else {},
            worst=_by_branch(worst),
            version=__version__,
            made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        )
    )
    with write_aside(path) as target:
        target.write_text(page, encoding="utf-8")


def branch_plots(branch: BranchEvaluation) -> dict[str, object]:
    """SVG of one branch. "curves" is a list of (class, plot), "reliability" of (caption, check, plot)."""
    shown = [row.name for row in branch.headline.classes if row.instances]
    ap50 = branch.intervals["mask"].classes
    return {
        "ap50": _svg(interval_bars(shown, [ap50[name].ap50 for name in shown], of="Mask AP50 by class")),
        "curves": [(name, _curve(branch, name)) for name in shown],
        "confusion": _svg(confusion_matrix(branch.confusion.labels, branch.confusion.counts, of=branch.branch)),
        "reliability": [
            (caption, check, _svg(reliability(check.before.bins, _after(check), of=f"{caption} of {branch.branch}")))
            for caption, check in (
                ("what is reported", branch.calibration.reported),
                ("all findings", branch.calibration),
            )
            if check and check.before.bins
        ],
    }


def _touched(evaluation: Evaluation) -> list[SplitPair]:
    """The splits that hold some of the photos judged too."""
    if evaluation.unseen:
        return []
    return [pair for pair in evaluation.leaks.pairs if pair.later == evaluation.split and pair.touched]


def _by_scope(comparison: Comparison) -> dict[str, dict[str, list[ComparedFigure]]]:
    """The compared figures of whole branches, and of their classes; each by branch."""
    scopes: dict[str, dict[str, list[ComparedFigure]]] = {"overall": {}, "by class": {}}
    for figure in comparison.figures:
        scope = scopes["by class" if figure.label else "overall"]
        scope.setdefault(figure.branch, []).append(figure)
    return scopes


def _by_branch(worst: Sequence[WorstPhoto]) -> dict[str, list[tuple[WorstPhoto, str]]]:
    """The photos of each branch, each with its picture in base64."""
    branches: dict[str, list[tuple[WorstPhoto, str]]] = {}
    for photo in worst:
        branches.setdefault(photo.branch, []).append((photo, base64.b64encode(photo.jpeg).decode("ascii")))
    return branches


def _after(check: CalibrationCheck) -> tuple[ReliabilityBin, ...]:
    return check.after.bins if check.after else ()


def _curve(branch: BranchEvaluation, label: str) -> Markup:
    curve, figures = branch.curves[label], branch.operating.classes[label]
    marks = []
    if curve.best and curve.best.f1:
        marks.append(Mark(curve.best.recall, curve.best.precision, filled=False))
    if figures.recall.value is not None and figures.precision.value is not None:
        marks.append(Mark(figures.recall.value, figures.precision.value, filled=True))
    # A long curve has been thinned out: put the marks back on it.
    points = [*zip(curve.recalls, curve.precisions, strict=True), *((mark.recall, mark.precision) for mark in marks)]
    points.sort(key=lambda point: (round(point[0], 4), -point[1]))
    recalls, precisions = ([point[i] for point in points] for i in range(2))
    of = in_words(label)
    return _svg(precision_recall(recalls, precisions, marks, interpolated=curve.interpolated or (), of=of))


def _panel_curve(places: SetPlaces) -> Markup | None:
    """Precision over recall of damaged panels; None where there is nothing to plot."""
    panels = places.panels
    if panels is None or not panels.curve.scores:
        return None
    recall, precision = panels.panels.recall.share.value, panels.panels.precision.share.value
    marks = [] if recall is None or precision is None else [Mark(recall, precision, filled=True)]
    return _svg(precision_recall(panels.curve.recalls, panels.curve.precisions, marks, of="damaged panels"))


def _part_names(places: SetPlaces) -> list[str]:
    """The parts that any table of the set has a row of."""
    tables = (
        places.named and places.named.parts,
        places.panels and places.panels.parts,
        places.seen and places.seen.parts,
    )
    return in_order(row.name for rows in tables for row in rows or ())


def _named(rows: Sequence[NamedRow], name: str) -> NamedRow | None:
    return next((row for row in rows if row.name == name), None)


def _svg(plot: str) -> Markup:
    """A plot as it is: `plots` escapes what it writes."""
    return Markup(plot)


def _threshold(evaluation: Evaluation, branch: str, label: str) -> ClassThresholds:
    return evaluation.thresholds.get(branch, {}).get(label) or ClassThresholds()


@cache
def templates() -> Environment:
    """The templates beside this file; everything put into them is escaped."""
    environment = page_templates("crumple.evaluate.report")
    environment.filters |= {
        "percent": percent,
        "interval": interval,
        "decimals": decimals,
        "count": count,
        "words": in_words,
        "set_name": set_name,
        "part_names": _part_names,
        "named": _named,
    }
    environment.globals |= {
        "threshold": _threshold,
        "right_names": right_names,
        "DAMAGE": DAMAGE_BRANCH,
        "TRAIN": TRAIN,
        "DAMAGED": DAMAGED,
        "NEAR": NEAR,
        "RIGHT": RIGHT,
        "ALARMED": ALARMED,
        "SHOWN_LEAKS": SHOWN_LEAKS,
        "SHOWN_CONFUSED": SHOWN_CONFUSED,
        "RESAMPLES": RESAMPLES,
        "VIEWS": _VIEWS,
        "ERRORS": _ERRORS,
        "CORRECT": CORRECT,
        "GROUPS": _GROUPS,
        "nothing": Estimate(value=None),
    }
    return environment
