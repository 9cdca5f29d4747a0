import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from PIL import Image as Picture

from crumple.assessment import overlay
from crumple.assessment.pipeline import Assessor
from crumple.assessment.severity import Rules
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.images import Image
from crumple.serve.contract.inspections import Vehicle
from crumple.serve.contract.problems import ProblemError
from crumple.serve.contract.reviews import Review
from crumple.serve.http.exports import to_report
from crumple.serve.page.overlay import reviewed_overlay
from crumple.serve.review.damages import CasePhoto, told
from crumple.serve.review.findings import Reviewer
from crumple.serve.review.grouping import JoinedCase
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
            after = reviewer.apply(assessment, before, event)
            event = event.model_copy(update={"finding_id": after.id, "before": before, "after": after})
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
    photo = CasePhoto("img-1", TIME, "ins-1/photo.jpg", assessment)
    content = told([photo], JoinedCase(), events, reviewer).content
    said = {
        "id": "ins-1",
        "reference": "claim 4711",
        "vehicle": Vehicle(plate="AB-123-C"),
        "kind": "claim",
        **dict.fromkeys(("taken_from", "taken_until", "place", "mileage")),
        "metadata": {"branch": "Utrecht"},
        "created_at": TIME,
        "updated_at": TIME,
        "review": review or Review(),
        "case_status": "done",
        "case_version": 1,
    }
    said |= {"images": [image], "events": events, "name": "claim 4711", "model": assessment.model}
    if "reference" in fields:
        said["name"] = fields["reference"]
    return InspectionDocument(**dict(content) | said | fields)


EDITS = (
    ("confirm", {"finding_id": "finding-1"}),
    ("reject", {"finding_id": "finding-2", "reason": "reflection", "text": "a lamp post & its <b>glare</b>"}),
    ("add", {"damage": "airbag_deployed", "polygons": [[300, 20, 380, 20, 380, 90]]}),
    ("note", {"finding_id": "finding-1", "text": "seen\ntwice"}),
    ("place", {"finding_id": "finding-1", "places": ["left_fender"]}),
)
DONE = Review(state="finished", author="Grace", at=TIME)


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
    """Without the style, whose text no reader sees."""
    return " ".join("".join(Words(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)).text).split())


def pdf_words(data):
    file = pypdfium2.PdfDocument(data)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in file)


def render(form, content, read=lambda _: PHOTO, audience="reviewer"):
    return to_report(content, read, form, audience)


def words(form, *arguments, **options):
    data = render(form, *arguments, **options)
    return html_words(data.decode()) if form == "html" else pdf_words(data)


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_is_not_known_is_said_so(form):
    text = words(form, document(("confirm", {"finding_id": "finding-2"})))
    assert "Scratch panel not identified severity unclear" in text and "The panel could not be identified" in text
    assert "confirmed by Ада" in text and "overs 18 % of the front left door" in text
    assert "scratch, panel not identified, severity unclear, not reviewed" in text
    assert "scratch, panel not identified, severity unclear, confirmed in review" in text


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_the_report_tells_all_of_the_inspection(form):
    more = {
        "vehicle": Vehicle(plate="AB-123-C", vin="W0L000051T2123456", make="Opel", model="Astra"),
        "kind": "return",
        "taken_from": TIME,
        "taken_until": TIME.replace(hour=11),
        "place": "Utrecht, north",
        "mileage": 48210,
    }
    text = words(form, document(*EDITS, review=DONE, **more))
    for said in (
        "Damage report: claim 4711",
        *("AB-123-C", "W0L000051T2123456", "Opel Astra", "return", "Utrecht, north", "48210 km"),
        "2026-11-22 10:31 UTC to 2026-11-22 11:31 UTC",
        *("branch", "Utrecht", "ins-1"),
        "finished by Grace, 2026-11-22 10:31 UTC",
        "confirmed by Ада",
        "drawn by Ада",
        "Rejected by Ада: reflection",
        "“seen twice” Ада, 2026-11-22 10:31 UTC",
        "left fender",
        "Place as a person said.",
        "Ада confirmed dent",
        "Ада rejected scratch: reflection",
        "a lamp post & its <b>glare</b>",
        "Ада added deployed airbag",
        "Ада wrote a note on dent",
        "Ада put dent on left fender",
        "odel fake, version 1",
        "0.60",
    ):
        assert said in text, said
    assert "not finished" not in text


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_the_recipient_reads_what_people_decided_and_no_figures_or_edits(form):
    content = document(*EDITS[:4], review=DONE)
    reviewer, recipient = (words(form, content, audience=audience) for audience in ("reviewer", "recipient"))
    machine = (
        *("threshold", "starts at", "0.90", "0.60", "sha256", "odel fake", "finding-1", "added-3", "Appendix"),
        *("Edits", "wrote a note on", "ins-1", "Utrecht"),
    )
    for said in machine:
        assert said in reviewer and said not in recipient, said
    for said in ("claim 4711", "AB-123-C", "confirmed by Ада", "Rejected by Ада: reflection", "seen twice", "glare"):
        assert said in reviewer and said in recipient, said


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_nobody_reviewed_is_said_to_be_the_models(form):
    text = words(form, document())
    assert "The review is not finished: what nobody has confirmed is a machine's reading of a photo." in text
    assert "1 Dent" in text and "likelihood not known" in text
    assert "confirmed by" not in text and "Edits" not in text


def test_what_was_undone_stands_in_the_edits_alone():
    edits = (
        ("reject", {"finding_id": "finding-1", "reason": "other", "text": "a sticker", "author": "Bo"}),
        ("undo", {"finding_id": "finding-1", "undoes": "ev-1", "author": "Cy"}),
    )
    content = document(*edits)
    assert "Cy undid: Bo rejected dent: other" in words("html", content)
    text = words("html", content, audience="recipient")
    assert "rejected by" not in text and "sticker" not in text


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_names_are_text(form):
    content = document(*EDITS, name=HOSTILE, reference="<para>&amp;", metadata={"<b>x": "</font>"})
    text = words(form, content)
    assert "<para>&amp;" in text and "</font>" in text and "<b>glare</b>" in text
    failed = {"status": "failed", "problem": "<i>went wrong", "assessment": None, "findings": [], "quality": []}
    image = content.images[0].model_copy(update=failed)
    text = words(form, document(images=[image], photos=[], damages=[], panels=[]))
    assert f"The photo {HOSTILE} could not be assessed: <i>went wrong." in text


def test_the_page_runs_and_fetches_nothing():
    tags = Words(render("html", document(*EDITS, name=HOSTILE)).decode()).tags
    assert {tag for tag, _ in tags}.isdisjoint({"script", "link", "iframe", "form"})
    assert all(attrs["src"].startswith("data:image/jpeg;base64,") for tag, attrs in tags if tag == "img")
    assert len([tag for tag, _ in tags if tag == "img"]) == 3 + 3 + 2  # thumbnails, cut-outs, the photo twice
    assert not any(name.startswith("on") for _, attrs in tags for name in attrs)


def test_the_pdf_holds_its_pictures_and_numbers_its_pages():
    file = pypdfium2.PdfDocument(render("pdf", document(*EDITS)))
    pictures = [one for page in file for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE])]
    sizes = [one.get_px_size() for one in pictures]
    assert len(sizes) == 3 + 3 + 1 and sizes[-1] == (400, 200)
    page_words = [page.get_textpage().get_text_range() for page in file]
    assert all(f"page {i} of {len(file)}" in text for i, text in enumerate(page_words, start=1))


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_failed_and_waiting_photos_and_no_photos_have_a_report_too(form):
    content = document()
    nothing = {"assessment": None, "findings": [], "quality": []}
    images = [
        content.images[0].model_copy(update={"id": f"img-{i}", "status": status} | nothing)
        for i, status in enumerate(("queued", "assessing"), start=2)
    ]
    failed = content.images[0].model_copy(update={"id": "img-4", "status": "failed", "problem": "went wrong"} | nothing)
    changes = {"images": [*content.images, *images, failed], "case_status": "pending"}
    text = words(form, content.model_copy(update=changes))
    assert "2 photos are not assessed yet." in text and "still being compared with each other" in text
    assert "The photo car.jpg could not be assessed: went wrong." in text
    text = words(form, content.model_copy(update=changes), audience="recipient")
    assert "The photo car.jpg could not be assessed." in text
    empty = {"images": [], "photos": [], "damages": [], "panels": []}
    text = words(form, content.model_copy(update=empty))
    assert "No photo has been looked at yet." in text and "No damage found" not in text


def _gone(_):
    raise ProblemError(404, "there is no image img-1", field="image_id")


@pytest.mark.parametrize("form", ["html", "pdf"])
@pytest.mark.parametrize("read", [_gone, lambda _: b"no photo", lambda _: jpeg((200, 400))])
def test_a_photo_that_is_missing_or_unreadable_takes_nothing_but_its_pictures(form, read, caplog):
    text = words(form, document(*EDITS), read)
    assert "Photo 1 could not be read, so its picture is missing here." in text
    assert "This photo could not be read; its picture is missing." in text
    assert "Dent" in text and "Ада confirmed dent" in text
    assert "ins-1, photo img-1 is missing in the report" in caplog.text


def test_very_long_words_do_not_break_the_pdf():
    long = "x" * 5000
    content = document(("note", {"finding_id": "finding-1", "text": long, "author": "A" * 200}), name="n" * 200)
    assert len(pypdfium2.PdfDocument(render("pdf", content))) > 1


def test_an_overlay_leaves_out_what_was_rejected_and_keeps_the_numbers(monkeypatch):
    drawn = []

    def finding_chip(number, finding, *more):
        drawn.append((number, finding.damage, finding.likelihood))
        return real(number, finding, *more)

    real = overlay.finding_chip
    monkeypatch.setattr(overlay, "finding_chip", finding_chip)
    rgb = np.full((200, 400, 3), 128, np.uint8)
    edits = (("reject", {"finding_id": "finding-1", "reason": "dirt"}), ("confirm", {"finding_id": "finding-2"}))
    picture = reviewed_overlay(document(*edits).images[0], rgb)
    # The scratch was only possible to the model; a person has confirmed it.
    assert drawn == [(2, "scratch", "likely")]
    dent, scratch = np.s_[70:100, 70:110], np.s_[90:110, 225:275]
    plain = reviewed_overlay(document().images[0], rgb)
    assert (picture[scratch] != 128).any() and not np.array_equal(picture[dent], plain[dent])
    # The report's own has the numbers of the damages: the rejected dent is the last of them.
    drawn.clear()
    render("html", document(*edits))
    assert drawn == [(1, "scratch", "likely")]
