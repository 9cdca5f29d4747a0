"""The report as a PDF, A4, by ReportLab."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Spacer, Table

from crumple import __version__
from crumple.assessment.likelihood import THE_SCALE
from crumple.case.report.pdf_blocks import (
    WIDTH,
    box,
    build,
    damage,
    heading,
    load_fonts,
    picture,
    severity,
    table,
    text,
)
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.page.report import wording
from crumple.serve.page.report.content import Content, NumberedFinding, PhotoSection, ReadPhoto
from crumple.serve.page.words import RETAKE
from crumple.taxonomy import title as in_words


def render_pdf(document: InspectionDocument, read: ReadPhoto) -> bytes:
    """The report of an inspection, as `render_html` has it."""
    load_fonts()
    content = Content(document, read)
    data = BytesIO()
    build(data, content.title, story(content))
    return data.getvalue()


def story(content: Content) -> list[Flowable]:
    """Everything in the order of the pages."""
    made = wording.time_in_words(datetime.now(UTC))
    flow: list[Flowable] = [text(content.title, "title"), text(f"Made by crumple {__version__}, {made}", "quiet")]
    if not content.finished:
        words = "The review is not finished. Findings that nobody has confirmed are a machine's reading of a photo."
        flow.append(box(words))
    flow += [Spacer(0, 3 * mm), facts(content), *summary(content)]
    for section in content.photos():
        flow += photo(section)
    return [*flow, *edits(content), *method(content)]


def facts(content: Content) -> Table:
    """Names and values, two pairs in a row."""
    cells = [[text(name, "quiet"), text(value, "strong")] for name, value in content.facts]
    if len(cells) % 2:
        cells.append(["", ""])
    rows = [left + right for left, right in zip(cells[::2], cells[1::2], strict=True)]
    return table(rows, (0.13, 0.37, 0.13, 0.37), lines=False)


def summary(content: Content) -> list[Flowable]:
    """All findings that count, the worst first."""
    if not content.summary:
        return [heading("Findings"), text("No damage on the list.")]
    rows = [
        [
            text(f"{photo}, {one.number}"),
            damage(one.finding.damage, one.finding.title),
            text(wording.first_place(one.finding)),
            _severity(one.finding),
            text(wording.state(one.finding)),
        ]
        for photo, one in content.summary
    ]
    head = ("photo, no.", "damage", "part", "severity", "state")
    return [heading("Findings, the worst first"), table(rows, (0.12, 0.24, 0.24, 0.14, 0.26), head)]


def photo(section: PhotoSection) -> list[Flowable]:
    """One photo with its overlay and its findings."""
    image = section.image
    pictures = [picture(data, WIDTH / 2 - 2 * mm) for data in (section.overlay, section.photo)]
    facts = (wording.view(image), f"{image.width} x {image.height} pixels", f"sha256 {image.sha256}")
    flow: list[Flowable] = [
        CondPageBreak(pictures[0].drawHeight + 40 * mm),
        heading(f"{section.number}. {image.name}"),
        text(", ".join(fact for fact in facts if fact), "small"),
    ]
    if image.problem:
        flow.append(box(f"Not assessed: {image.problem}"))
    elif image.assessment is None:
        flow.append(box("Not assessed yet."))
    flow += [box(f"{wording.capital(one.text)}. {RETAKE[one.name]}") for one in image.quality if not one.ok]
    flow.append(table([pictures], (0.5, 0.5), lines=False))
    if section.findings:
        head = ("#", "damage", "where", "severity", "why", "state, score")
        rows = [finding_row(one) for one in section.findings]
        flow.append(table(rows, (0.05, 0.16, 0.2, 0.13, 0.27, 0.19), head))
    elif image.assessment is not None:
        flow.append(text("No damage on the list.", "strong"))
    for one in section.rejected:
        why = wording.reason(one.finding.rejected_as)
        words = f"Rejected in review: {one.number}, {one.finding.title}, {why} (score {wording.score(one.finding)})"
        flow += [text(words, "quiet"), *notes(one)]
    return flow


def finding_row(one: NumberedFinding) -> list[Any]:
    """A line of a photo's table."""
    finding = one.finding
    why = [
        text(wording.capital(finding.reason)),
        *([text(wording.capital(finding.hint), "small")] if finding.hint else []),
    ]
    sure = (wording.chance(finding), f"score {wording.score(finding)}" if finding.score else "")
    state = [text(wording.state(finding)), *(text(words, "small") for words in sure if words)]
    if finding.edited:
        state.append(text(wording.changes(finding), "small"))
    where = [text(place) for place in wording.places(finding)]
    name, level = damage(finding.damage, finding.title), _severity(finding)
    return [text(str(one.number)), name, where, level, [*why, *notes(one)], state]


def _severity(finding: ReviewedFinding) -> Flowable:
    return severity(finding.severity) if wording.sure(finding) else text(finding.severity)


def notes(one: NumberedFinding) -> list[Flowable]:
    """What people wrote about a finding."""
    written = ((note.text, note.author, wording.time_in_words(note.at)) for note in one.finding.notes)
    return [text(f"“{words}” {who}, {when}", "small") for words, who, when in written]


def edits(content: Content) -> list[Flowable]:
    """Who did what, when, before and after."""
    if not content.edits:
        return []
    rows = [
        [
            text(wording.time_in_words(line.event.at), "small"),
            [text(f"{line.event.author} {line.words}"), *([text(line.event.text, "small")] if line.event.text else [])],
            text(str(line.photo or "")),
            text(line.change[0] if line.change else "", "small"),
            text(line.change[1] if line.change else "", "small"),
        ]
        for line in content.edits
    ]
    head = ("when", "who and what", "photo", "before", "after")
    return [heading("Edits"), table(rows, (0.14, 0.31, 0.07, 0.24, 0.24), head)]


def method(content: Content) -> list[Flowable]:
    """The model, its thresholds, and what its words mean."""
    flow: list[Flowable] = [heading("How this was made")]
    for assessment in content.assessments:
        model = assessment.model
        weights = f", weights sha256 {model.sha256}" if model.sha256 else ""
        words = (
            f"Assessed with the model {model.name}, version {model.version}{weights}. {THE_SCALE} "
            "What scores less than the lower threshold of its class is not reported. Left and right are the vehicle's "
            "own sides."
        )
        flow.append(text(words))
        for branch, classes in assessment.thresholds.items():
            rows = [
                [text(in_words(label)), text(f"{scores.lower:.2f}"), text(f"{scores.upper:.2f}")]
                for label, scores in classes.items()
            ]
            head = (f"{branch}: score thresholds", "lower threshold", "upper threshold")
            flow += [Spacer(0, 2 * mm), table(rows, (0.5, 0.25, 0.25), head)]
    if not content.assessments:
        flow.append(text("No photo is assessed yet."))
    return flow
