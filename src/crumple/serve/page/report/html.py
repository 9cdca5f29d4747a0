"""The report as one HTML file that opens from disk, pictures inside, nothing fetched from anywhere."""

import base64
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader

from crumple import __version__
from crumple.assessment.report import templates
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.page.report import wording
from crumple.serve.page.report.content import Content, ReadPhoto
from crumple.serve.page.words import RETAKE


def render_html(document: InspectionDocument, read: ReadPhoto) -> str:
    """The report of an inspection.

    Args:
        document: everything about the inspection.
        read: gives an image's photo by its id. What it raises ends the report.
    """
    content = Content(document, read)
    return report_templates().get_template("inspection.html").render(content=content, version=__version__)


@cache
def report_templates() -> Environment:
    """The templates beside this file; style, filters and colours are those of `crumple assess`'s report."""
    shared = templates()
    loaders = [
        PackageLoader(package) for package in ("crumple.serve.page.report", "crumple.assessment", "crumple.pages")
    ]
    environment = shared.overlay(loader=ChoiceLoader(loaders))
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode("ascii")
    environment.filters["capital"] = wording.capital
    environment.filters["time"] = wording.time_in_words
    environment.globals["wording"] = wording
    environment.globals["retake"] = RETAKE
    return environment
