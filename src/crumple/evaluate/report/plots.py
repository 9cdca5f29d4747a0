"""Plots of an evaluation as SVG text that is pasted into a page: its colours are the page's own, light or dark.

Drawn by matplotlib through `Figure` alone, never pyplot, so that nothing global is touched and no window is needed.
Widths and heights are in CSS pixels; a plot shrinks with the page and never grows past its size.
"""

import re
import zlib
from collections.abc import Sequence
from html import escape
from importlib.util import find_spec
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from crumple.errors import MissingExtraError
from crumple.evaluate.measures.bootstrap import Estimate
from crumple.evaluate.measures.calibration import ReliabilityBin
from crumple.taxonomy import title as in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that no plot means: each becomes a variable of the page's style sheet.
INK, QUIET, LINE, MAIN, SHEET, ALERT = "#010101", "#020202", "#030303", "#040404", "#050505", "#060606"
_VARIABLES = {INK: "ink", QUIET: "quiet", LINE: "line", MAIN: "link", SHEET: "sheet", ALERT: "severe"}

FONT = 11.5  # CSS pixels
_SHORT = 24  # letters of a class name beside an axis


class Mark(NamedTuple):
    """A point on a precision-recall curve that is worth a look."""

    recall: float
    precision: float
    filled: bool


def precision_recall(
    recall: Sequence[float],
    precision: Sequence[float],
    marks: Sequence[Mark] = (),
    *,
    interpolated: Sequence[float] = (),
    of: str,
) -> str:
    """The curve of one class, recall (R,) ascending and precision (R,), both 0 to 1, with some points marked.

    interpolated: precisions at recalls evenly spaced from 0 to 1; the area below them is shaded, which is AP50.
    """
    figure, axes = _plot(235, 180)
    axes.fill_between(np.linspace(0, 1, len(interpolated)), interpolated, color=MAIN, alpha=0.12, linewidth=0)
    axes.plot(recall, precision, color=MAIN, linewidth=1.6)
    for mark in marks:
        face = MAIN if mark.filled else SHEET
        axes.plot(mark.recall, mark.precision, "o", color=face, markeredgecolor=MAIN, markersize=6, clip_on=False)
    _shares(axes, "recall", "precision")
    return _svg(figure, f"Precision over recall of {of}")


def reliability(before: Sequence[ReliabilityBin], after: Sequence[ReliabilityBin], *, of: str) -> str:
    """Share of right detections over their score, as it is and calibrated; a perfect score lies on the diagonal."""
    figure, axes = _plot(360, 330)
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8, alpha=0.6)
    for bins, colour, dashes, face in ((before, QUIET, (0, (4, 3)), SHEET), (after, MAIN, "-", MAIN)):
        scores, rights = ([one[i] for one in ((b.score, b.right) for b in bins)] for i in range(2))
        axes.plot(scores, rights, linestyle=dashes, color=colour, linewidth=1.4)
        axes.plot(scores, rights, "o", color=face, markeredgecolor=colour, markersize=5, clip_on=False)
    _shares(axes, "score", "share that is right")
    return _svg(figure, f"Share of right detections over their score, {of}")


def confusion_matrix(labels: Sequence[str], counts: Sequence[Sequence[int]], *, of: str) -> str:
    """A heat map, a row for each drawn class and a column for each found one, shaded by the share of the row."""
    table = np.asarray(counts)
    side = 34
    figure, axes = _plot(side * len(labels) + 175, side * len(labels) + 165)
    whole = np.maximum(table.sum(axis=1, keepdims=True), 1)
    for (row, column), share in np.ndenumerate(table / whole):
        if not table[row, column]:
            continue
        colour = MAIN if row == column else ALERT
        axes.bar(column, 1, width=1, bottom=row - 0.5, color=colour, alpha=float(share), linewidth=0)
        ink = SHEET if share > 0.55 else INK
        axes.text(column, row, str(table[row, column]), color=ink, ha="center", va="center", fontsize=_points(FONT))
    _quiet(axes)
    edges = np.arange(len(labels) + 1) - 0.5
    for edge in edges:
        axes.axhline(edge, color=LINE, linewidth=0.7)
        axes.axvline(edge, color=LINE, linewidth=0.7)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(edges[-1], edges[0])
    axes.grid(visible=False)
    names = [_short(label) for label in labels]
    axes.set_xticks(range(len(labels)), names, parse_math=False, rotation=45, ha="left", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), names, parse_math=False)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("found as")
    axes.set_ylabel("drawn as")
    return _svg(figure, f"Confusion of the classes of {of}")


def interval_bars(names: Sequence[str], figures: Sequence[Estimate], *, of: str) -> str:
    """A bar for each figure (0 to 1) with a whisker for its interval; one that is undefined has an empty row."""
    figure, axes = _plot(420, 24 * len(names) + 50)
    for row, figure_of_row in enumerate(figures):
        value, low, high = figure_of_row.value, figure_of_row.low, figure_of_row.high
        if value is None:
            axes.text(0.01, row, "-", color=QUIET, va="center", fontsize=_points(FONT))
            continue
        axes.barh(row, value, height=0.62, color=MAIN, alpha=0.55, linewidth=0)
        if low is not None and high is not None:
            axes.plot([low, high], [row, row], "|-", color=INK, linewidth=1.2, markersize=6, clip_on=False)
    _quiet(axes)
    axes.grid(visible=True, axis="x", color=LINE, linewidth=0.7)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xticks(np.linspace(0, 1, 6), ["0", "20", "40", "60", "80", "100 %"])
    axes.set_yticks(range(len(names)), [_short(name) for name in names], parse_math=False)
    axes.tick_params(axis="y", length=0)
    return _svg(figure, of)


def check_installed() -> None:
    """Raises MissingExtraError without matplotlib: ask before a long run, not after it."""
    if find_spec("matplotlib") is None:
        raise MissingExtraError("matplotlib", "evaluate")


def _figure(width: float, height: float) -> "Figure":
    """An empty figure of this size. Raises MissingExtraError without matplotlib."""
    check_installed()
    from matplotlib.figure import Figure

    return Figure(figsize=(_points(width) / 72, _points(height) / 72), layout="constrained", facecolor="none")


def _plot(width: float, height: float) -> "tuple[Figure, Axes]":
    figure = _figure(width, height)
    return figure, figure.subplots()


def _quiet(axes: "Axes") -> None:
    """Axes that stand back behind what they measure."""
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[:].set_color(LINE)
    axes.tick_params(color=LINE, labelcolor=QUIET, labelsize=_points(FONT))
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(QUIET)
        axis.label.set_fontsize(_points(FONT))


def _shares(axes: "Axes", across: str, up: str) -> None:
    """Axes that run from 0 to 1 both ways."""
    _quiet(axes)
    axes.grid(visible=True, color=LINE, linewidth=0.7)
    for limit, ticks in ((axes.set_xlim, axes.set_xticks), (axes.set_ylim, axes.set_yticks)):
        ticks([0, 0.5, 1], ["0", "0.5", "1"])
        limit(0, 1.02)  # a line along the edge keeps its width
    axes.set_xlabel(across)
    axes.set_ylabel(up)


def _svg(figure: "Figure", label: str) -> str:
    """The figure as an <svg> element for a page: the page's fonts and colours, no metadata, ids of its own."""
    from matplotlib import rc_context

    text = StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "crumple"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = text.getvalue()
    width, height = (96 * length for length in figure.get_size_inches())
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r" font-family: [^;]*;", "", body)
    body = re.sub(r"(\d\.\d\d)\d+", r"\1", re.sub(r"\s*\n\s*", " ", body))
    for colour, name in _VARIABLES.items():
        body = body.replace(colour, f"var(--{name})")
    # matplotlib numbers its elements from 1 in every figure: keep only the ids that something refers to.
    wanted = set(re.findall(r"#(\w+)", body))
    prefix = f"plot{zlib.crc32((label + body).encode()):08x}-"
    body = re.sub(r' id="([^"]*)"', lambda m: f' id="{prefix}{m[1]}"' if m[1] in wanted else "", body)
    body = re.sub(r'xlink:href="#|url\(#', lambda m: ("url(#" if m[0].startswith("url") else 'href="#') + prefix, body)
    view = f"0 0 {_points(width):g} {_points(height):g}"
    return f'<svg viewBox="{view}" style="max-width:{width:g}px" role="img" aria-label="{escape(label)}">{body}'


def _points(pixels: float) -> float:
    """CSS pixels as points: 96 of the one and 72 of the other are an inch."""
    return pixels * 72 / 96


def _short(name: str) -> str:
    """A class name that fits beside an axis."""
    words = in_words(name)
    return words if len(words) <= _SHORT else words[: _SHORT - 1] + "…"
