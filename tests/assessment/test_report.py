import base64
import re
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from crumple.assessment.assessment import PartSeen
from crumple.assessment.report import ReportEntry, SkippedPhoto, write_report
from crumple.drawing.jpeg import jpeg
from tests.assessment.examples import assessment, bitmap, blurred_check, finding, hatchback, near, part

SIZE = (500, 330)
SQUARE = bitmap(((200, 100), (299, 100), (299, 199), (200, 199)), SIZE)
VOID = {"meta", "img", "input", "br", "link"}


class Page(HTMLParser):
    """What a page holds: tags with attributes, text, and whether every tag that is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def entry(told, shade=128):
    picture = np.full((told.photo.height, told.photo.width, 3), shade, np.uint8)
    return ReportEntry(told, jpeg(picture), jpeg(255 - picture))


def page(tmp_path, entries, **options):
    write_report(tmp_path / "index.html", entries, **({"title": "Report"} | options))
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    return Page((tmp_path / "index.html").read_text(encoding="utf-8"))


def test_a_finding_is_told_with_place_severity_reason_likelihood_and_score(tmp_path):
    door = part("front_left_door", bitmap(((150, 50), (349, 50), (349, 249), (150, 249)), SIZE))
    found = [finding("dent", SQUARE, on=door, score=0.874), finding("scratch", SQUARE, 2, likelihood="possible")]
    text = page(tmp_path, [entry(assessment(SIZE, [door], found))]).text
    for words in ("dent", "front left door", "25 % of it", "moderate", "covers 6% of the photo", "fill and paint"):
        assert words in text
    assert re.search(r"dent front left door .* moderate covers .* likely 0\.87", text)
    assert re.search(r"scratch panel not identified .* possible 0\.87", text)
    assert "likely findings 1" in text and "possible findings 1" in text and "doubtful findings 0" in text


def test_a_known_probability_stands_beside_the_likelihood(tmp_path):
    sure = finding("dent", SQUARE, score=0.874).model_copy(update={"probability": 0.284})
    text = page(tmp_path, [entry(assessment(SIZE, [], [sure, finding("scratch", SQUARE, 2)]))]).text
    assert re.search(r"dent .* likely about 3 in 10 like this are real 0\.87", text)
    assert text.count("like this are real") == 1


def test_a_place_without_an_outline_has_its_probability_and_an_unclear_severity_is_said_so(tmp_path):
    dent = finding("dent", SQUARE, severity="unclear").model_copy(update={"on": [near("back_door")]})
    inside = finding("scratch", SQUARE, 2, severity="minor").model_copy(update={"on": [near("interior", None)]})
    told = assessment(SIZE, [part("wheel", SQUARE)], [dent, inside])
    seen = [
        PartSeen(label="wheel", title="wheel", side=None, probability=0.9, part="part-1"),
        PartSeen(label="left_fender", title="left fender", side="left", probability=0.7, part=None),
    ]
    report = page(tmp_path, [entry(told.model_copy(update={"parts_seen": seen}))] * 2)
    assert "dent back door, side not known probability 85 % unclear" in report.text
    assert "scratch inside the vehicle minor" in report.text
    assert "2 parts seen" in report.text and "left fender without an outline, probability 70 %" in report.text
    # In the list of photos nothing else says of what it is unclear: it is the worst of the two.
    assert report.text.count("severity unclear") == 2
    assert [i["class"] for i in report.all("i")].count("pill unclear") == 4


def test_pictures_are_embedded_and_nothing_is_fetched_or_run(tmp_path):
    told = entry(assessment(SIZE, [], [finding("dent", SQUARE)]))
    seen = page(tmp_path, [told, told])
    pictures = [base64.b64decode(image["src"].removeprefix("data:image/jpeg;base64,")) for image in seen.all("img")]
    assert pictures.count(told.photo_jpeg) == 2 and pictures.count(told.overlay_jpeg) == 2
    for attributes in (attributes for _, attributes in seen.tags):
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "href") or value.startswith(("data:", "#"))
    assert not seen.all("script") and not seen.all("link")
    policy = [meta for meta in seen.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy[0]["content"]


def test_whatever_a_name_holds_is_shown_and_not_obeyed(tmp_path):
    name = "<script>alert('1')</script>\"&.jpg"
    seen = page(
        tmp_path,
        [entry(assessment(SIZE, name=name)), entry(assessment(SIZE, name=name))],
        title="<b>title</b>",
        note="<i>note</i>",
        skipped=[SkippedPhoto("<u>bad</u>.jpg", "is <em>HTML</em>")],
    )
    assert not seen.all("script") and not seen.all("u") and not seen.all("em")
    for words in (name, "<b>title</b>", "<i>note</i>", "<u>bad</u>.jpg", "is <em>HTML</em>"):
        assert words in seen.text


def test_links_of_the_index_lead_to_the_photos(tmp_path):
    seen = page(tmp_path, [entry(assessment(SIZE, name=f"{number}.jpg")) for number in range(3)])
    identities = {attributes["id"] for _, attributes in seen.tags if "id" in attributes}
    links = [link["href"] for link in seen.all("a")]
    assert links == ["#photo-1", "#photo-2", "#photo-3"]
    assert {link[1:] for link in links} <= identities
    assert {label["for"] for label in seen.all("label")} <= identities
    thumbnail = Image.open(BytesIO(base64.b64decode(seen.all("img")[0]["src"].split(",")[1])))
    assert max(thumbnail.size) <= 132


def test_a_photo_that_is_hard_to_judge_says_so_and_is_not_called_undamaged_without_it(tmp_path):
    seen = page(tmp_path, [entry(assessment(SIZE, quality=[blurred_check()])), entry(assessment(SIZE))])
    assert "blurred: sharpness 12, 60 needed" in seen.text
    assert "No damage found, but this photo is hard to judge" in seen.text
    assert "No damage found." in seen.text
    assert "photos hard to judge 1" in seen.text


def test_model_thresholds_and_lowest_score_are_given(tmp_path):
    told = assessment(SIZE).model_copy(update={"min_score": 0.4})
    text = page(tmp_path, [entry(told)]).text
    assert "crumple-lite0 , version 0.1.0, weights sha256 " + "cd" * 32 in text
    assert "dent 0.25 0.60" in text
    assert "the lowest score asked for, 0.40" in text


def test_photos_are_read_one_by_one_and_skipped_ones_may_still_be_added(tmp_path):
    skipped = []

    def assess():
        yield entry(assessment(SIZE))
        skipped.append(SkippedPhoto("bad.jpg", "holds no photo"))
        yield entry(assessment(SIZE))

    assert "bad.jpg holds no photo" in page(tmp_path, assess(), skipped=skipped).text


def test_a_report_of_nothing(tmp_path):
    text = page(tmp_path, [], skipped=[SkippedPhoto("bad.jpg", "holds no photo")]).text
    assert "No photo was assessed" in text and "bad.jpg" in text


def test_a_reason_that_names_the_photo_does_not_name_it_twice(tmp_path):
    told = SkippedPhoto("claim/bad.jpg", "/data/claim/bad.jpg: holds no photo: an HTML page")
    assert "claim/bad.jpg holds no photo: an HTML page" in page(tmp_path, [], skipped=[told]).text


def test_nothing_is_left_behind_when_an_assessment_fails(tmp_path):
    def assess():
        yield entry(assessment(SIZE))
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        write_report(tmp_path / "index.html", assess(), title="Report")
    assert list(tmp_path.iterdir()) == []


def test_parts_are_listed_with_their_colour(tmp_path):
    seen = page(tmp_path, [entry(hatchback([]))])
    assert "back left light" in seen.text
    assert sum("swatch" in span.get("class", "") for span in seen.all("span")) == 9
