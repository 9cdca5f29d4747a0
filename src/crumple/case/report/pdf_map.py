"""The panel map on a page of a PDF: the same paths as the SVG's, drawn by ReportLab."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject
from reportlab.platypus import Flowable

from crumple.case.coverage import PANELS
from crumple.case.panel_map.shapes import BODY, GLASS, HEIGHT, SHAPES, WIDTH, WORDS, Command
from crumple.case.panel_map.states import MappedPanel, State, numbers_in
from crumple.case.panel_map.svg import CSS
from crumple.case.report.pdf_blocks import BOLD, REGULAR


class PanelMap(Flowable):  # type: ignore[misc]
    """The map, `width` points wide."""

    def __init__(self, panels: Sequence[MappedPanel], width: float) -> None:
        super().__init__()
        self.panels = {panel.shape: panel for panel in panels}
        self.width, self.height = width, width * HEIGHT / WIDTH

    def draw(self) -> None:
        canvas: Canvas = self.canv
        canvas.scale(self.width / WIDTH, -self.height / HEIGHT)  # SVG's y runs down
        canvas.translate(0, -HEIGHT)
        colour = colours()
        canvas.setFillColor(HexColor(colour["body"]))
        for body in BODY:
            canvas.drawPath(_path(canvas, body), stroke=0, fill=1)
        for name in PANELS:
            state: State = self.panels[name].state if name in self.panels else "not_seen"
            draw_panel(canvas, SHAPES[name].path, state)
        canvas.setFillColor(HexColor(colour["glass"]), alpha=0.4)
        canvas.drawPath(_path(canvas, GLASS), stroke=0, fill=1)
        canvas.setFillAlpha(1)
        for words, x, y in WORDS:
            _write(canvas, words, x, y, 13, REGULAR, colour["word"])
        for panel in self.panels.values():
            shape = SHAPES[panel.shape]
            for x, y in shape.labels if panel.numbers else ():
                _number(canvas, numbers_in(panel.numbers, shape.room), x, y + 6, colour)


class Swatch(Flowable):  # type: ignore[misc]
    """A small square in the looks of a state, for the legend."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self.width, self.height = 16, 11

    def draw(self) -> None:
        corners = ((0.0, 0.0), (24.0, 0.0), (24.0, 17.0), (0.0, 17.0))
        path: list[Command] = [("M" if i == 0 else "L", (corner,)) for i, corner in enumerate(corners)]
        self.canv.scale(self.width / 24, self.height / 17)
        draw_panel(self.canv, (*path, ("Z", ())), self.state)


def draw_panel(canvas: Canvas, path: Iterable[Command], state: State) -> None:
    """One panel in the looks of its state, in units of the map."""
    colour = colours()
    path = tuple(path)
    grounds: Mapping[State, str] = {
        "damaged": "damaged",
        "unclear": "unclear",
        "no_damage": "no-damage",
        "partly": "no-damage",
        "not_seen": "not-seen",
    }
    canvas.setFillColor(HexColor(colour[grounds[state]]))
    canvas.drawPath(_path(canvas, path), stroke=0, fill=1)
    if state in ("unclear", "partly", "not_seen"):
        canvas.saveState()
        canvas.clipPath(_path(canvas, path), stroke=0, fill=0)
        points = [point for _, points in path for point in points]
        _pattern(canvas, state, [x for x, _ in points], [y for _, y in points], colour)
        canvas.restoreState()
    canvas.setStrokeColor(HexColor(colour["number" if state == "damaged" else "body"]))
    canvas.setLineWidth(2.5 if state == "damaged" else 1)
    canvas.drawPath(_path(canvas, path), stroke=1, fill=0)


@cache
def colours() -> dict[str, str]:
    """The colours of the map by name, those of a light page: what panel_map.css says first."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"--map-([a-z-]+): (#[0-9a-f]{6})", CSS.read_text(encoding="utf-8")):
        found.setdefault(name, value)
    return found


def _pattern(canvas: Canvas, state: State, xs: Sequence[float], ys: Sequence[float], colour: Mapping[str, str]) -> None:
    """Dots or lines over a rectangle, in steps that are the same for every panel."""
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    if state == "unclear":
        canvas.setFillColor(HexColor(colour["dot"]))
        for row in range(int(top // 4), int(bottom // 4) + 1):
            for column in range(int(left // 4), int(right // 4) + 1):
                if (row + column) % 2 == 0:
                    canvas.circle(column * 4 + 2, row * 4 + 2, 1.3, stroke=0, fill=1)
        return
    step = 10 if state == "not_seen" else 17
    canvas.setStrokeColor(HexColor(colour["hatch"]))
    canvas.setLineWidth(2.2 if state == "not_seen" else 1.6)
    for k in range(int((left + top) // step), int((right + bottom) // step) + 1):
        canvas.line(k * step - top, top, k * step - bottom, bottom)


def _path(canvas: Canvas, commands: Iterable[Command]) -> PDFPathObject:
    path = canvas.beginPath()
    for letter, points in commands:
        numbers = [value for point in points for value in point]
        draw = {"M": path.moveTo, "L": path.lineTo, "C": path.curveTo, "Z": path.close}[letter]
        draw(*numbers)
    return path


def _number(canvas: Canvas, words: str, x: float, y: float, colour: Mapping[str, str]) -> None:
    """A number with a pale edge, readable on every pattern."""
    width = canvas.stringWidth(words, BOLD, 17) + 7
    canvas.setFillColor(HexColor(colour["halo"]), alpha=0.85)
    canvas.roundRect(x - width / 2, y - 15, width, 19, 5, stroke=0, fill=1)
    canvas.setFillAlpha(1)
    _write(canvas, words, x, y, 17, BOLD, colour["number"])


def _write(canvas: Canvas, words: str, x: float, y: float, size: float, font: str, colour: str) -> None:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(1, -1)
    canvas.setFont(font, size)
    canvas.setFillColor(HexColor(colour))
    canvas.drawCentredString(0, 0, words)
    canvas.restoreState()
