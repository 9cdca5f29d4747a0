"""The report as one page that opens from disk: its pictures are files beside it, or inside it; nothing is fetched."""

import base64
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup

from crumple import __version__
from crumple.assessment.report import templates
from crumple.case.panel_map.states import STATES
from crumple.case.panel_map.svg import CSS, panel_map_svg, swatch
from crumple.case.report import wording
from crumple.case.report.content import CaseReport


def render_html(report: CaseReport, *, embed: Path | None = None) -> str:
    """The page.

    Args:
        embed: the folder below which `write_pictures` wrote, to put the pictures into the page; None: it refers to them
            as "pictures/...".
    """

    def source(name: str) -> str:
        if embed is None:
            return name
        return "data:image/jpeg;base64," + base64.b64encode((embed / name).read_bytes()).decode("ascii")

    return report_templates().get_template("case.html").render(report=report, source=source, version=__version__)


@cache
def report_templates() -> Environment:
    """The templates beside this file; style, filters and colours are those of `crumple assess`'s report."""
    loaders = [PackageLoader(package) for package in ("crumple.case.report", "crumple.assessment", "crumple.pages")]
    environment = templates().overlay(loader=ChoiceLoader(loaders))
    environment.filters["capital"] = wording.capital
    environment.globals |= {
        "wording": wording,
        "states": STATES,
        "map_css": Markup(CSS.read_text(encoding="utf-8")),
        "panel_map": panel_map_svg,
        "map_swatch": swatch,
    }
    return environment
