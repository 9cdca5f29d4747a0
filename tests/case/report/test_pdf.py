from io import BytesIO

import pypdfium2
import pytest

from crumple.case.report.content import CaseReport
from crumple.case.report.pdf import write_pdf
from crumple.case.report.pictures import write_pictures
from tests.case.report.cases import damage, inspection, pixels

pytestmark = pytest.mark.slow


def pdf(tmp_path, case, **options):
    report = CaseReport(*case, **options)
    write_pictures(tmp_path, report, lambda photo: pixels())
    data = BytesIO()
    write_pdf(data, report, tmp_path)
    return pypdfium2.PdfDocument(data.getvalue())


def text(page):
    return " ".join(page.get_textpage().get_text_bounded().split())


def test_the_first_page_is_the_case(tmp_path):
    found = [damage(1, [1, 2]), damage(2, [2], kind="scratch", probability=0.4), damage(3, [1], probability=0.1)]
    case = inspection(
        found, missing=("roof",), notes=["left out: bad.jpg"], hood=("seen", "yes"), roof=("not_seen", "unclear")
    )
    pages = pdf(tmp_path, case, facts=[("Plate", "B-XY 123")])
    first = text(pages[0])
    for words in (
        *("Damage report: B-XY 123", "Plate: B-XY 123", "2 damages, 1 of them likely. The worst is moderate."),
        *("Not photographed: roof. Nothing is known about damage there.", "Left out: bad.jpg."),
        *("Damaged hood", "Not photographed roof", "Dent hood", "likely", "about 8 in 10 like this are real"),
        *("photos 1 and 2", "possible", "The model doubts these", "page 1 of"),
    ):
        assert words in first
    assert first.index("about 4 in 10") < first.index("The model doubts these") < first.index("about 1 in 10")


def test_the_evidence_and_the_photos_follow_with_the_same_numbers(tmp_path):
    pages = pdf(
        tmp_path, inspection([damage(1, [1, 2], same=(2,)), damage(2, [2], kind="scratch")], names={2: "<b>&.jpg"})
    )
    texts = [text(page) for page in pages]
    evidence = next(words for words in texts if words.startswith("Evidence"))
    assert "1 Dent hood Likely: about 8 in 10 like this are real. Moderate: covers 12 % of the hood" in evidence
    assert "May be the same as damage 2." in evidence and "photo 2, front left view" in evidence
    photos = next(words for words in texts if words.startswith("Photos"))
    assert "<b>&.jpg" in photos and "1 dent, 2 scratch" in photos


@pytest.mark.parametrize("audience", ["recipient", "reviewer"])
def test_only_the_reviewer_has_an_appendix(tmp_path, audience):
    whole = " ".join(text(page) for page in pdf(tmp_path, inspection([damage(1, [1])]), audience=audience))
    for words in ("starts at", "threshold", "0.87", "sha256", "crumple-lite0"):
        assert (words in whole) == (audience == "reviewer")
    assert "A machine read these photos." in whole and "Confirmed is said of what a person decided" in whole


def test_a_case_of_nothing_and_one_of_very_much(tmp_path):
    assert "No damage found on what the photos show." in text(pdf(tmp_path, inspection([], photos=1))[0])
    many = [damage(number, range(1, 6), severity="unclear", title="dent " * 40) for number in range(1, 13)]
    assert len(pdf(tmp_path, inspection(many, photos=5, notes=["left out: a photo that cannot be read"] * 60))) > 10


def test_the_map_has_the_colours_of_the_page(tmp_path):
    case = inspection([damage(1, [1])], hood=("seen", "yes"))
    picture = pdf(tmp_path, case)[0].render(scale=2).to_numpy()
    damaged = (abs(picture[..., :3].astype(int) - (0x3D, 0x85, 0xF2)).max(axis=2) < 6).sum()  # BGR
    assert damaged > 2000
