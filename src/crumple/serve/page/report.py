"""The case's report of an inspection of the service: with what the caller said of the vehicle and what people did."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Literal

from crumple.case.inspection import Damage, InspectedPhoto
from crumple.case.report.content import AppendixTable, CaseReport, Remarks
from crumple.case.report.html import render_html
from crumple.case.report.pictures import write_pictures
from crumple.case.report.wording import Audience, counted, time_in_words
from crumple.errors import PhotoError
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.page.edits import change, reason, said

# What each kind of edit decides: whoever says what a damage is holds it for one.
REJECTS, CONFIRMS = ("reject",), ("confirm", "add", "relabel", "place", "redraw", "severity")


def render_report(
    report: CaseReport,
    read: Callable[[InspectedPhoto], bytes],
    form: Literal["html", "pdf"],
    failed: Callable[[InspectedPhoto, PhotoError], None],
) -> bytes:
    """The file, its pictures inside.

    Args:
        read: gives a photo as it is kept; each is read once, and one at a time. May raise PhotoError.
        failed: called with a photo that cannot be read; the report says so and goes on.
    """
    unread: set[str] = set()

    def skip(photo: InspectedPhoto, error: PhotoError) -> None:
        unread.add(photo.id)
        failed(photo, error)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pictures(folder, report, read, failed=skip)
        report = replace(report, unread=unread)
        if form == "html":
            return render_html(report, embed=folder).encode()
        from crumple.case.report.pdf import write_pdf  # ReportLab takes a while to import

        data = BytesIO()
        write_pdf(data, report, folder)
        return data.getvalue()


def case_report(document: InspectionDocument, standing: Sequence[Event], audience: Audience = "reviewer") -> CaseReport:
    """What the report shows. standing: the events that are not undone, in order."""
    images = {image.id: image for image in document.images}
    reviewer = audience == "reviewer"
    return CaseReport(
        document,
        [
            assessment.model_copy(update={"findings": images[photo.id].findings})
            for photo in document.photos
            if (assessment := images[photo.id].assessment)
        ],
        audience,
        facts=facts(document, reviewer=reviewer),
        notes=notes(document, reviewer=reviewer),
        remarks={damage.id: remarks(damage, standing) for damage in document.damages},
        appendix=[edits(document)] if reviewer and document.events else [],
    )


def facts(document: InspectionDocument, *, reviewer: bool) -> list[tuple[str, str]]:
    """What the caller said of the vehicle, and how far the review is."""
    vehicle = document.vehicle
    known: list[tuple[str, str | None]] = [
        ("Reference", document.reference),
        ("Plate", vehicle.plate),
        ("VIN", vehicle.vin),
        ("Vehicle", " ".join(word for word in (vehicle.make, vehicle.model) if word)),
        ("Kind", document.kind),
        ("Photos taken", _span(document.taken_from, document.taken_until)),
        ("Place", document.place),
        ("Mileage", None if document.mileage is None else f"{document.mileage} km"),
    ]
    if reviewer:
        known += [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in document.metadata.items()
        ]
        known.append(("Inspection", document.id))
    known += [("Opened", time_in_words(document.created_at)), ("Review", _review(document))]
    return [(name, value) for name, value in known if value]


def notes(document: InspectionDocument, *, reviewer: bool) -> list[str]:
    """What is not done yet, and which photos say nothing."""
    told = []
    if document.review.state != "finished":
        told.append("the review is not finished: what nobody has confirmed is a machine's reading of a photo")
    waiting = sum(image.status in ("queued", "assessing") for image in document.images)
    if waiting:
        told.append(f"{counted(waiting, 'photo')} {'is' if waiting == 1 else 'are'} not assessed yet")
    if document.case_status == "pending":
        told.append("the photos are still being compared with each other, and one damage may be listed twice")
    for image in document.images:
        if image.status == "failed":
            why = f": {image.problem}" if reviewer and image.problem else ""
            told.append(f"the photo {image.name} could not be assessed{why}".removesuffix("."))
    return told


def remarks(damage: Damage, standing: Sequence[Event]) -> Remarks:
    """Who decided on a damage, and what people wrote about it."""
    names = {(one.photo, one.finding) for one in damage.observations}
    about = [event for event in standing if not names.isdisjoint(_names(event))]
    written = [
        f"“{event.text}” {event.author}, {time_in_words(event.at)}"
        for event in about
        if event.text and not (event.kind == "severity" and event.text == damage.reason)
    ]
    deciding = {"rejected": REJECTS, "confirmed": CONFIRMS}.get(damage.decision, ())
    last = next((event for event in reversed(about) if event.kind in deciding), None)
    if last is None:
        return Remarks("", written)
    if damage.decision == "confirmed":
        drawn = all(event.kind == "add" for event in about if event.kind in CONFIRMS)
        return Remarks(f"{'drawn' if drawn else 'confirmed'} by {last.author}", written)
    why = reason(damage.rejected_as)
    if damage.duplicate_of:
        why += f" of damage {damage.duplicate_of.removeprefix('damage-')}"
    return Remarks(f"rejected by {last.author}: {why}" if why else f"rejected by {last.author}", written)


def edits(document: InspectionDocument) -> AppendixTable:
    """Every edit, in order: who did what, when, before and after."""
    numbers = {photo.id: photo.number for photo in document.photos}
    rows = []
    for event in document.events:
        done = f"{event.author} {said(event, document.events)}"
        photos = sorted({numbers[photo] for photo, _ in _names(event) if photo in numbers})
        before, after = change(event, numbers)
        shown = ", ".join(map(str, photos))
        what = f"{done}\n{event.text}" if event.text else done
        rows.append((time_in_words(event.at), what, shown, before, after))
    head = ("when", "who and what", "photo", "before", "after")
    return AppendixTable("Edits", head, rows, shares=(0.14, 0.3, 0.08, 0.24, 0.24))


def _names(event: Event) -> list[tuple[str, str]]:
    """The findings that an event is about: ids of the image and of the finding."""
    if event.observations is not None:
        return [(one.photo, one.finding) for one in [*event.observations, *(event.rest or [])]]
    return [(event.image_id, event.finding_id or "")] if event.image_id else []


def _review(document: InspectionDocument) -> str:
    review = document.review
    if review.state != "finished":
        return "not finished"
    when = f", {time_in_words(review.at)}" if review.at else ""
    return f"finished by {review.author or 'somebody'}{when}"


def _span(start: datetime | None, end: datetime | None) -> str:
    """ "2026-11-22 10:31 UTC to 2026-11-22 11:02 UTC"; or one of both."""
    times = [time_in_words(time) for time in (start, end) if time]
    return " to ".join(dict.fromkeys(times)) if start else f"until {times[0]}" if times else ""
