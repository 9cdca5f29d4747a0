"""The report as a PDF, A4: what the page has, in the same order and words."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Image, PageBreak, Spacer, Table, TableStyle

from crumple import __version__
from crumple.assessment.numbers import percent
from crumple.case.report import wording
from crumple.case.report.content import CaseReport, PhotoSection, Row
from crumple.case.report.pdf_blocks import (
    WIDTH,
    box,
    build,
    heading,
    load_fonts,
    picture,
    severity,
    table,
    table_heading,
    text,
)
from crumple.case.report.pdf_map import PanelMap, Swatch
from crumple.taxonomy import title as in_words

MAP_WIDTH = 70 * mm
CUTOUTS, PHOTOS = 3, 2  # in a row
WORDS = 20 * mm  # room for what is written with a picture
HEAD = ("#", "", "damage", "severity", "how sure", "seen in")


def write_pdf(target: Path | BytesIO, report: CaseReport, folder: Path) -> None:
    """Write the PDF. folder: below which `write_pictures` wrote."""
    load_fonts()
    story = [
        *front(report, folder),
        *damages(report, folder),
        *evidence(report, folder),
        *photos(report, folder),
        *about(report),
    ]
    build(target if isinstance(target, BytesIO) else str(target), report.title, story)


def front(report: CaseReport, folder: Path) -> list[Flowable]:
    """The head: the vehicle, its panels, what was not photographed."""
    told = WIDTH - MAP_WIDTH - 6 * mm
    column: list[Flowable] = [text(wording.headline(report.inspection), "headline"), Spacer(0, 2 * mm)]
    if report.missing:
        column += [box(wording.not_photographed(report.missing), told), Spacer(0, 2 * mm)]
    for note in report.inspection.notes:
        column += [box(f"{wording.capital(note)}.", told), Spacer(0, 2 * mm)]
    for state, words, panels in report.legend:
        entry = [text(wording.capital(words), "strong"), text(", ".join(panels), "small")]
        column.append(_grid([[Swatch(state), entry]], (8 * mm, told - 8 * mm)))
    facts = "  ·  ".join(f"{name}: {value}" for name, value in report.all_facts)
    return [
        text(report.title, "title"),
        text(facts, "quiet"),
        Spacer(0, 4 * mm),
        _grid([[PanelMap(report.panels, MAP_WIDTH), column]], (MAP_WIDTH + 6 * mm, told)),
    ]


def damages(report: CaseReport, folder: Path) -> list[Flowable]:
    """The lists: what counts, what the model doubts, what a person rejected."""
    flow = table_heading("Damages")
    flow.append(damage_table(report, report.listed, folder) if report.listed else text(wording.NOTHING, "strong"))
    for words, note, rows in (
        (wording.DOUBTED, wording.DOUBTED_NOTE, report.doubtful),
        (wording.REJECTED, "", report.rejected),
    ):
        if rows:
            flow += [*table_heading(words), *([text(note, "quiet")] if note else [])]
            flow.append(short_table(report, rows, folder))
    return flow


def damage_table(report: CaseReport, rows: list[Row], folder: Path) -> Table:
    """One line per damage, with its small picture."""
    lines = [
        [
            text(str(row.number), "strong"),
            picture(folder / row.thumbnail, 17 * mm, 12.75 * mm),
            [text(wording.capital(row.damage.title), "strong"), text(wording.place(row.damage))],
            [_severity(row), text(wording.reason(row.damage, report.audience), "small")],
            [text(wording.likelihood(row.damage)), text(wording.chance(row.damage), "small")],
            text(wording.photos(row.damage, report.photos)),
        ]
        for row in rows
    ]
    return table(lines, (0.05, 0.12, 0.22, 0.29, 0.17, 0.15), HEAD)


def short_table(report: CaseReport, rows: list[Row], folder: Path) -> Table:
    """The same in fewer words."""
    lines = [
        [
            text(str(row.number), "small"),
            picture(folder / row.thumbnail, 11 * mm, 8 * mm),
            text(f"{wording.capital(row.damage.title)}, {wording.place(row.damage)}", "small"),
            text(wording.severity(row.damage), "small"),
            text(wording.chance(row.damage) or wording.likelihood(row.damage), "small"),
            text(wording.photos(row.damage, report.photos), "small"),
        ]
        for row in rows
    ]
    return table(lines, (0.05, 0.08, 0.34, 0.13, 0.27, 0.13), HEAD)


def evidence(report: CaseReport, folder: Path) -> list[Flowable]:
    """Each damage in every photo that shows it, its words at the left of the first ones."""
    if not report.rows:
        return []
    flow: list[Flowable] = [PageBreak(), heading("Evidence"), text(wording.EVIDENCE_NOTE, "quiet")]
    for row in report.listed + report.doubtful + report.rejected:
        words = [
            text(f"{row.number}  {wording.capital(row.damage.title)}", "item"),
            text(wording.place(row.damage), "strong"),
            text(wording.judgement(row.damage, report.audience, report.maybe_same(row))),
        ]
        sights = [
            [
                picture(folder / sight.picture, WIDTH / CUTOUTS - 4 * mm, 42 * mm),
                text(wording.sight(sight.photo), "small"),
            ]
            for sight in row.sights
        ]
        flow += [Spacer(0, 2 * mm), *_strips([words, *sights], CUTOUTS)]
    return flow


def photos(report: CaseReport, folder: Path) -> list[Flowable]:
    """The photos with the damages outlined."""
    cells = [_photo(report, section, folder) for section in report.sections]
    return [
        PageBreak(),
        heading("Photos"),
        text(wording.PHOTOS_NOTE, "quiet"),
        Spacer(0, 2 * mm),
        *_strips(cells, PHOTOS),
    ]


def _photo(report: CaseReport, section: PhotoSection, folder: Path) -> list[Flowable]:
    photo = section.photo
    found = ", ".join(f"{row.number} {row.damage.title}" for row in section.rows)
    return [
        text(wording.capital(wording.sight(photo)), "strong"),
        text(photo.name, "small"),
        *(text(words, "small") for words in wording.warnings(photo, report.audience)),
        picture(folder / section.overlay, WIDTH / PHOTOS - 4 * mm, 82 * mm),
        text(found or wording.nothing(photo), "small"),
    ]


def about(report: CaseReport) -> list[Flowable]:
    """What the words mean; for the reviewer, the model and its figures."""
    flow: list[Flowable] = [heading("About this report"), text(wording.DISCLAIMER), text(wording.SCALE)]
    if report.audience == "reviewer":
        flow += appendix(report)
    return [*flow, Spacer(0, 2 * mm), text(f"crumple {__version__}", "quiet")]


def appendix(report: CaseReport) -> list[Flowable]:
    """Panels, findings, model and thresholds, in figures."""
    inspection = report.inspection
    flow: list[Flowable] = [PageBreak(), heading("Appendix for reviewers"), text(wording.model(inspection.model))]
    panels = [
        (
            panel.title,
            in_words(panel.seen),
            "" if not panel.share else percent(panel.share),
            str(report.photos[panel.best_photo].number) if panel.best_photo else "",
            panel.damaged,
            "" if panel.probability is None else percent(panel.probability),
            ", ".join(str(report.number_of(id)) for id in panel.damages),
        )
        for panel in inspection.panels
    ]
    head: tuple[str, ...] = ("panel", "seen", "share seen", "best photo", "damaged", "probability", "damages")
    flow += [Spacer(0, 2 * mm), table(_texts(panels), (0.28, 0.12, 0.12, 0.11, 0.12, 0.12, 0.13), head)]
    findings = [
        (
            str(row.number),
            str(sight.photo.number),
            finding.id if sight.observation.annotation is None else f"{finding.id} ({sight.observation.annotation})",
            finding.title,
            finding.severity,
            f"{finding.score:.2f}",
            "" if finding.probability is None else percent(finding.probability),
        )
        for row in report.rows
        for sight, finding in report.findings(row)
    ]
    if findings:
        head = ("damage", "photo", "finding", "in that photo alone", "severity", "score", "probability")
        flow += [Spacer(0, 3 * mm), table(_texts(findings), (0.1, 0.08, 0.2, 0.26, 0.12, 0.1, 0.14), head)]
    for branch, classes in report.assessments[0].thresholds.items():
        scores = [(in_words(name), f"{at.lower:.2f}", f"{at.upper:.2f}") for name, at in classes.items()]
        head = (f"{branch}: score thresholds", "reported from", "upper threshold")
        flow += [Spacer(0, 3 * mm), table(_texts(scores), (0.5, 0.25, 0.25), head)]
    sums = [(str(photo.number), photo.sha256) for photo in inspection.photos]
    return [*flow, Spacer(0, 3 * mm), table(_texts(sums), (0.1, 0.9), ("photo", "sha256 of the file"))]


def _severity(row: Row) -> Flowable:
    name = row.damage.severity
    return severity(name) if row.strong and name != "unclear" else text(wording.severity(row.damage))


def _texts(rows: Sequence[Sequence[str]]) -> list[list[Any]]:
    return [[text(words, "small") for words in row] for row in rows]


def _strips(cells: list[list[Flowable]], count: int) -> list[Flowable]:
    """Cells side by side, so many in a row; no row is parted from its pictures by the end of a page."""
    flow: list[Flowable] = []
    for row in (cells[start : start + count] for start in range(0, len(cells), count)):
        tallest = max((one.drawHeight for cell in row for one in cell if isinstance(one, Image)), default=0)
        flow += [CondPageBreak(tallest + WORDS), _grid([row], [WIDTH / count] * len(row))]
    return flow


def _grid(rows: list[list[Any]], widths: Any) -> Table:
    block = Table(rows, colWidths=widths, splitInRow=1)  # words without end may take more than a page
    block.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 8),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    block.hAlign = "LEFT"
    return block
