from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from PIL import Image as Picture

from crumple.assessment import draw
from crumple.assessment.pipeline import Assessor
from crumple.assessment.severity import Rules
from crumple.errors import PhotoError
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.images import Image, ImageSummary
from crumple.serve.contract.inspections import Inspection, Vehicle
from crumple.serve.contract.reviews import Review
from crumple.serve.page.report import render_html, render_pdf
from crumple.serve.page.report.overlay import reviewed_overlay
from crumple.serve.review.findings import Reviewer
from tests.fakes import Thing, fake_detector

TIME = datetime(2026, 11, 22, 10, 31, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>.jpg"
THINGS = (
    Thing("parts", "front_left_door", (20, 20, 90, 80), 0.95),
    Thing("damage", "dent", (30, 30, 60, 55), 0.9),
    Thing("damage", "scratch", (110, 40, 140, 60), 0.45),
)


def jpeg(size=(400, 200)):
    file = BytesIO()
    Picture.fromarray(np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()


PHOTO = jpeg()


def document(*edits, review=None, name="car.jpg", **fields):
    """An inspection of one photo, after edits (kind and fields) of its findings."""
    assessment = Assessor(fake_detector(THINGS))(PHOTO)
    reviewer, events = Reviewer(Rules.load()), []
    for number, (kind, more) in enumerate(edits, start=1):
        before = {one.id: one for one in reviewer.findings(assessment, events)}.get(more.get("finding_id"))
        event = Event(
            id=f"ev-{number}", number=number, inspection_id="ins-1", image_id="img-1", kind=kind,
            **{"author": "Ада", "at": TIME} | more,
        )  # fmt: skip
        if kind != "undo":
            event = event.model_copy(update={"before": before, "after": reviewer.apply(assessment, before, event)})
        events.append(event)
    image = Image(
        id="img-1",
        name=name,
        sha256="ab" * 32,
        width=400,
        height=200,
        status="done",
        created_at=TIME,
        quality=assessment.quality,
        assessment=assessment,
        findings=reviewer.findings(assessment, events),
    )
    inspection = Inspection(
        **{
            "id": "ins-1",
            "reference": "claim 4711",
            "vehicle": Vehicle(plate="AB-123-C"),
            "metadata": {"branch": "Utrecht"},
            "created_at": TIME,
            "updated_at": TIME,
            "review": review or Review(),
            "images": [ImageSummary(**{key: getattr(image, key) for key in ImageSummary.model_fields})],
        }
        | fields
    )
    return InspectionDocument(inspection=inspection, images=[image], events=events)


EDITS = (
    ("confirm", {"finding_id": "finding-1"}),
    ("reject", {"finding_id": "finding-2", "reason": "reflection", "text": "a lamp post & its <b>glare</b>"}),
    ("add", {"damage": "airbag_deployed", "polygons": [[300, 20, 380, 20, 380, 90]]}),
    ("note", {"finding_id": "finding-1", "text": "seen\ntwice"}),
    ("place", {"finding_id": "finding-1", "places": ["left_fender"]}),
)


class Words(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self, page):
        super().__init__()
        self.text, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def html_words(page):
    return " ".join("".join(Words(page).text).split())


def pdf_words(data):
    file = pypdfium2.PdfDocument(data)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in file)


def words(form, content, read=lambda _: PHOTO):
    return html_words(render_html(content, read)) if form == "html" else pdf_words(render_pdf(content, read))


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_is_not_known_is_said_so(form):
    text = words(form, document(("confirm", {"finding_id": "finding-2"})))
    assert "scratch panel not identified unclear confirmed in review" in text
    assert "The panel could not be identified" in text and "front left door, 18 % of it" in text
    assert "scratch, panel not identified, severity unclear, not reviewed" in text


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_the_report_tells_all_of_the_inspection(form):
    text = words(form, document(*EDITS, review=Review(state="finished", author="Grace", at=TIME)))
    for said in (
        "Inspection report: claim 4711",
        "AB-123-C",
        "Utrecht",
        "finished by Grace, 2026-11-22 10:31 UTC",
        "confirmed in review",
        "drawn in review",
        "front left door",
        "seen twice",
        "Ада confirmed dent",
        "Ада rejected scratch: reflection",
        "a lamp post & its <b>glare</b>",
        "Ада added deployed airbag",
        "Ада put dent on left fender",
        "model fake, version 1",
        "0.60",
    ):
        assert said in text, said
    assert "not finished" not in text


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_nobody_reviewed_is_said_to_be_the_models(form):
    text = words(form, document())
    assert "The review is not finished" in text
    assert "likely, not reviewed" in text and "possible, not reviewed" in text
    assert "Edits" not in text


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_names_are_text(form):
    content = document(name=HOSTILE, reference="<para>&amp;", metadata={"<b>x": "</font>"})
    text = words(form, content)
    assert HOSTILE in text and "<para>&amp;" in text and "</font>" in text


def test_the_page_runs_and_fetches_nothing():
    tags = Words(render_html(document(*EDITS, name=HOSTILE), lambda _: PHOTO)).tags
    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "iframe", "form"})
    assert all(attrs["src"].startswith("data:image/jpeg;base64,") for tag, attrs in tags if tag == "img")
    assert not any(name.startswith("on") for _, attrs in tags for name in attrs)


def test_the_pdf_holds_each_photo_with_and_without_findings():
    file = pypdfium2.PdfDocument(render_pdf(document(*EDITS), lambda _: PHOTO))
    pictures = [one for page in file for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])]
    assert [one.get_px_size() for one in pictures] == [(400, 200), (400, 200)]
    page_words = [page.get_textpage().get_text_range() for page in file]
    assert all(f"page {i} of {len(file)}" in text for i, text in enumerate(page_words, start=1))


@pytest.mark.parametrize("render", [render_html, render_pdf])
def test_failed_and_waiting_photos_and_no_photos_have_a_report_too(render):
    content = document()
    image = content.images[0].model_copy(
        update={"status": "failed", "problem": "went wrong", "assessment": None, "findings": [], "quality": []}
    )
    assert render(content.model_copy(update={"images": [image]}), lambda _: PHOTO)
    assert render(content.model_copy(update={"images": []}), lambda _: PHOTO)
    with pytest.raises(PhotoError):
        render(content, lambda _: b"no photo")


def test_very_long_words_do_not_break_the_pdf():
    long = "x" * 5000
    content = document(("note", {"finding_id": "finding-1", "text": long, "author": "A" * 200}), name="n" * 200)
    assert len(pypdfium2.PdfDocument(render_pdf(content, lambda _: PHOTO))) > 1


def test_an_overlay_leaves_out_what_was_rejected_and_keeps_the_numbers(monkeypatch):
    drawn = []

    def finding_chip(number, finding, *more):
        drawn.append((number, finding.damage, finding.likelihood))
        return real(number, finding, *more)

    real = draw.finding_chip
    monkeypatch.setattr(draw, "finding_chip", finding_chip)
    rgb = np.full((200, 400, 3), 128, np.uint8)
    edits = (("reject", {"finding_id": "finding-1", "reason": "dirt"}), ("confirm", {"finding_id": "finding-2"}))
    overlay = reviewed_overlay(document(*edits).images[0], rgb)
    # The scratch was only possible to the model; a person has confirmed it.
    assert drawn == [(2, "scratch", "likely")]
    dent, scratch = np.s_[70:100, 70:110], np.s_[90:110, 225:275]
    plain = reviewed_overlay(document().images[0], rgb)
    assert (overlay[scratch] != 128).any() and not np.array_equal(overlay[dent], plain[dent])
