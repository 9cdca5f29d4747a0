"""The report over HTTP: what people did to the damages of three photos, for both audiences."""

import re

import pytest

from tests.serve.http.test_assessments import problem
from tests.serve.page.test_report import html_words, pdf_words
from tests.serve.review.test_damages import HOOD, SCRATCH, Case
from tests.serve.running import DENT, DOOR, finish, running


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """One damage of two, one rejected, one duplicate, notes; two photos' files are gone and broken in the end."""
    folder = tmp_path_factory.mktemp("data")
    with running(folder, things=(DOOR, DENT, HOOD, SCRATCH)) as client:
        case = Case(client)
        for damage in [one for one in case.damages if len(one["observations"]) > 1]:
            for seen in damage["observations"][1:]:
                case.edit("split", observations=[{"photo": seen["photo"], "finding": seen["finding"]}])
        dents = [name for name in range(3) if case.finding(name, "finding-1")["damage"] == "dent"]
        assert dents == [0, 1, 2]
        case.about("merge", (0, "finding-1"), (1, "finding-1"), text="both from the kerb")
        case.about("confirm", (0, "finding-1"), author="Bo")
        case.about("reject", (0, "finding-2"), reason="reflection", text="a <lamp>")
        case.about("confirm", (1, "finding-2"))
        case.about("reject", (2, "finding-2"), reason="duplicate", duplicate_of=case.named((1, "finding-2"))["id"])
        case.finding_edit(2, "note", finding_id="finding-1", text="look closer")
        client.patch(case.path, json={"reference": "claim 7", "kind": "claim", "mileage": 0})
        client.patch(case.path, json={"mileage": 48210})
        case.folder = folder
        yield case


def words(case, form, query=""):
    answer = case.client.get(f"{case.path}/export?format={form}{query}")
    assert answer.status_code == 200, answer.text
    return html_words(answer.text) if form == "html" else pdf_words(answer.content)


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_people_did_is_told(case, form):
    text = words(case, form)
    merged, kept = case.named((0, "finding-1")), case.named((1, "finding-2"))
    assert len(merged["observations"]) == 2
    number = kept["id"].removeprefix("damage-")
    for said in (
        *("Damage report: claim 7", "48210 km", "confirmed by Bo", "“both from the kerb” Ada"),
        *("rejected by Ada: reflection", "“a <lamp>” Ada", f"Rejected by Ada: duplicate of damage {number}"),
        *("“look closer” Ada", "Ada made one damage of dent", "Bo confirmed the damage dent", "Edits"),
        "changed the reference from nothing to claim 7, the purpose of the photos from nothing to claim",
        "changed the mileage from 0 to 48210",
        "Ada rejected the damage scratch on hood: reflection",
        *("in photos 1 and 2", "score thresholds"),
    ):
        assert re.search(re.escape(said), text, re.IGNORECASE), said
    text = words(case, form, "&audience=recipient")
    for said in ("confirmed by Bo", "rejected by Ada: reflection", "“look closer” Ada"):
        assert re.search(said, text, re.IGNORECASE), said
    for said in ("threshold", "Edits", "made one damage", "sha256"):
        assert said not in text, said


def test_an_audience_is_of_reports_alone(case):
    for form in ("json", "csv", "coco"):
        problem(case.client.get(f"{case.path}/export?format={form}&audience=recipient"), 422, "audience")
    problem(case.client.get(f"{case.path}/export?format=html&audience=everybody"), 422, "audience")


def test_the_page_is_one_file_that_may_run_nothing(case):
    answer = case.client.get(f"{case.path}/export?format=html")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    sources = re.findall(r'src="([^"]{0,30})', answer.text)
    assert len(sources) > 6 and all(source.startswith("data:image/jpeg;base64,") for source in sources)


def test_a_finished_review_is_told_and_then_photos_that_are_gone(case):
    finish(case.client, case.path, undecided="leave")
    text = words(case, "html")
    assert "Review finished by Ada, 20" in text.replace("Reviewf", "Review f") and "is not finished" not in text
    first, second, third = sorted(path for path in (case.folder / "photos").rglob("*.jpg") if "thumb" not in path.name)
    first.unlink()
    second.write_bytes(b"no photo")
    for form in ("html", "pdf"):
        text = words(case, form)
        assert re.search(r"Photos \d and \d could not be read, so their pictures are missing here\.", text)
        assert "confirmed by Bo" in text
    third.unlink()
    assert "Photos 1, 2 and 3 could not be read" in words(case, "pdf", "&audience=recipient")
