"""The panel map as an SVG fragment for a page, which also includes panel_map.css.

Each panel is one path with id="panel-LABEL", data-panel="LABEL", data-state, and a title for screen readers; a page may
change its state by the attribute alone.
"""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup, escape

from crumple.assessment.places import place_title
from crumple.case.coverage import PANELS
from crumple.case.panel_map.shapes import BODY, GLASS, HEIGHT, SHAPES, WIDTH, WORDS, write
from crumple.case.panel_map.states import MappedPanel, numbers_in

CSS = Path(__file__).with_name("panel_map.css")

_PATTERNS = Markup(
    '<defs><pattern id="map-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="map-ground" width="7" height="7"/><rect class="map-line" width="2.2" height="7"/></pattern>'
    '<pattern id="map-sparse" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="map-sound" width="12" height="12"/><rect class="map-line" width="1.6" height="12"/></pattern>'
    '<pattern id="map-dots" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect class="map-maybe" width="8" height="8"/><circle class="map-dot" cx="2" cy="2" r="1.5"/>'
    '<circle class="map-dot" cx="6" cy="6" r="1.5"/></pattern></defs>'
)


def panel_map_svg(panels: Sequence[MappedPanel], *, links: bool = False) -> Markup:
    """The map.

    Args:
        panels: those that are not among them are drawn as not photographed.
        links: a panel with damages leads to "#damage-N", the first of them.
    """
    by_shape = {panel.shape: panel for panel in panels}
    shown = [by_shape.get(name) or _unknown(name) for name in PANELS]
    words = Markup("").join(
        Markup('<text class="map-word" x="{}" y="{}">{}</text>').format(x, y, text) for text, x, y in WORDS
    )
    return Markup(
        '<svg class="panel-map" viewBox="0 0 {} {}" role="group" aria-label="Panels of the vehicle">'
        '{}<g aria-hidden="true">{}{}</g>{}'
        '<g aria-hidden="true" class="map-over"><path class="map-glass" d="{}"/>{}</g></svg>'
    ).format(
        WIDTH,
        HEIGHT,
        _PATTERNS,
        Markup("").join(Markup('<path class="map-body" d="{}"/>').format(write(path)) for path in BODY),
        words,
        Markup("").join(_panel(panel, links) for panel in shown),
        write(GLASS),
        Markup("").join(_numbers(panel) for panel in shown),
    )


def swatch(state: str) -> Markup:
    """A small square in the looks of a state, for the legend."""
    return Markup(
        '<svg class="panel-map map-swatch" viewBox="0 0 24 18" aria-hidden="true">'
        '<path class="panel" data-state="{}" d="M 1 1 L 23 1 L 23 17 L 1 17 Z"/></svg>'
    ).format(state)


def _panel(panel: MappedPanel, links: bool) -> Markup:
    path = Markup(
        '<path class="panel" id="panel-{0}" data-panel="{0}" data-state="{1}" role="img" d="{2}">'
        "<title>{3}</title></path>"
    ).format(panel.label, panel.state, write(SHAPES[panel.shape].path), panel.text)
    if not links or not panel.numbers:
        return path
    return Markup('<a href="#damage-{}">{}</a>').format(panel.numbers[0], path)


def _numbers(panel: MappedPanel) -> Markup:
    shape = SHAPES[panel.shape]
    text = escape(numbers_in(panel.numbers, shape.room))
    return Markup("").join(
        Markup('<text class="map-number" data-of="{}" x="{:g}" y="{:g}">{}</text>').format(panel.label, x, y + 6, text)
        for x, y in shape.labels
        if panel.numbers
    )


def _unknown(name: str) -> MappedPanel:
    title = place_title(name)
    return MappedPanel(name, name, title, "not_seen", (), (), f"{title}: not photographed")
