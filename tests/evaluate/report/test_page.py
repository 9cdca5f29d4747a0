import base64
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from crumple.evaluate.comparison import compare
from crumple.evaluate.evaluation import evaluate
from crumple.evaluate.report.page import write_report
from crumple.evaluate.report.worst import WorstPhoto
from tests.evaluate.evaluations import LEAKS, NO_LEAKS, evaluation, model, photos, subject
from tests.evaluate.judged_photos import judged
from tests.evaluate.report.plots_once import plots_once  # noqa: F401
from tests.evaluate.squares import region

VOID = {"meta", "img", "br"}
SECTIONS = ["data", "summary", "places", "branch-1", "branch-2", "alarms"]


class Page(HTMLParser):
    """What a page holds: tags with attributes, text, and whether every tag that is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open, self.headings = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self.open and self.open[-1] == "h3":
            self.headings.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    @property
    def sections(self):
        return [attributes["id"] for attributes in self.all("section")]

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def page(tmp_path, made, **options):
    write_report(tmp_path / "report.html", made, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    return Page((tmp_path / "report.html").read_text(encoding="utf-8"))


def bad_photo(branch="damage", name="set/x.jpg"):
    return WorstPhoto(
        branch=branch, name=name, missed=2, false_alarms=0, words="2 of 3 missed", jpeg=b"\xff\xd8" + b"x"
    )


def test_every_section_is_there_in_its_order(tmp_path):
    comparison = compare(subject(photos()), subject(photos(), model(name="other")))
    seen = page(tmp_path, evaluation(), worst=[bad_photo()], comparison=comparison)
    assert seen.sections == ["data", "summary", "comparison", *SECTIONS[2:], "worst"]
    for heading in (
        *("Average precision", "As it is reported", "Precision and recall", "What is taken for what", "Area"),
        *("Photo by photo", "Can the score be believed?", "Where it is weaker"),
    ):
        assert seen.headings.count(heading) == 2, heading  # once for each branch
    links = [link["href"] for link in seen.all("a")]
    identities = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert links and {link[1:] for link in links} <= set(identities)
    assert len(identities) == len(set(identities))


def test_without_comparison_and_worst_photos_their_sections_are_left_out(tmp_path):
    assert page(tmp_path, evaluation()).sections == SECTIONS


def test_nothing_is_fetched_or_run(tmp_path):
    seen = page(tmp_path, evaluation(leaks=LEAKS), worst=[bad_photo()])
    for _, attributes in seen.tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "href", "xlink:href") or value.startswith(("data:", "#"))
            assert "url(" not in (value or "").replace("url(#", "")
    assert not seen.all("script") and not seen.all("link") and not seen.all("iframe")
    policy = [meta for meta in seen.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy[0]["content"]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http:" not in text and "https:" not in text and "@import" not in text


def test_whatever_a_name_holds_is_shown_and_not_obeyed(tmp_path):
    name = "<script>alert('1')</script>\"&"
    classes = {"damage": ("dent", "scratch", name)}
    odd = judged(name, damage=[region(0, label=name)], found_damage=[region(0, 0.9, name)], sets={"damage": name})
    made = evaluation([odd], model(["damage"], name, classes), LEAKS, notes=[name])
    seen = page(tmp_path, made, worst=[bad_photo(name=name)])
    assert not seen.all("script") and not seen.all("i")
    assert seen.text.count(name) > 5
    assert "<i>x</i>.jpg" in seen.text and "c<7>" in seen.text


def test_leaks_come_first_and_warn(tmp_path):
    seen = page(tmp_path, evaluation(leaks=LEAKS))
    assert "Are the photos new to the model? 1 of 3 val photos has a copy" in seen.text
    assert "2 of the 3 photos of val are not new to it" in seen.text
    assert "val new/y.jpg is the same file as train old/<i>x</i>.jpg" in seen.text
    assert "claim c<7> of new: 1 in train, 2 in val" in seen.text
    assert {"class": "warning"} in seen.all("p")
    assert {"class": "warning"} not in page(tmp_path, evaluation()).all("p")


def test_photos_that_were_left_out_are_no_warning(tmp_path):
    seen = page(tmp_path, evaluation(leaks=LEAKS, unseen=True, notes=["67 photos that another split holds too."]))
    assert "are not new to it" not in seen.text and {"class": "warning"} not in seen.all("p")
    assert "Photos that another split holds too were left out here." in seen.text
    assert seen.text.index("67 photos that") < seen.text.index("What was measured on what")


def test_photos_that_models_learn_from_are_told(tmp_path):
    made = evaluate(subject(photos()), NO_LEAKS, split="train")
    seen = page(tmp_path, made)
    assert made.notes and seen.text.index(made.notes[0]) < seen.text.index("What was measured on what")
    assert "Are the photos new to the model? No, if it learned from train." in seen.text
    assert {"class": "warning"} in seen.all("p")


def test_figures_stand_with_their_intervals_and_sentences(tmp_path):
    text = page(tmp_path, evaluation()).text
    assert re.search(r"single damages found 66\.7 %", text)
    assert "Of 3 single damages that people drew, it finds 66.7 %" in text
    assert re.search(r"dent 2 2 0 100\.0 100\.0 100\.0 100\.0 0\.30", text)
    assert re.search(r"wheel 1 0 0 - 0\.0 0\.0 - 0\.30 -", text)
    assert re.search(r"right part named 100\.0 of 1 ", text)
    assert re.search(r"damaged panels, recall 100\.0 of 1 ", text)
    assert re.search(r"front left door 100\.0 1 of 1 100\.0 1 of 1", text)  # damages found, right part named
    assert re.search(r"dent 2 100\.0 100\.0 100\.0 100\.0 2 of 2 81 / 56 / 42 43 drawings", text)
    assert re.search(r"parts_set 1 1 100\.0 photos with a drawn damage damage_set 2 2 100\.0", text)


def test_a_dash_is_explained(tmp_path):
    text = page(tmp_path, evaluation()).text
    assert "- There is nothing to measure the figure on" in text


def test_pictures_of_the_worst_photos_are_embedded_by_branch(tmp_path):
    bad = [bad_photo("parts", "a"), bad_photo("damage", "b"), bad_photo("damage", "c")]
    seen = page(tmp_path, evaluation(), worst=bad)
    assert [base64.b64decode(image["src"].split(",")[1]) for image in seen.all("img")] == [bad[0].jpeg] * 3
    assert re.search(r"Parts a 2 of 3 missed Damage b 2 of 3 missed c 2 of 3 missed", seen.text)


def test_a_comparison_says_who_is_better_and_what_is_noise(tmp_path):
    worse = [judged(photo.truth.file_name, damage=photo.drawn["damage"]) for photo in photos()[1:]]
    same = [
        judged(photo.truth.file_name, damage=photo.drawn["damage"], found_damage=photo.found["damage"])
        for photo in photos()[1:]
    ]
    info = model(["damage"])
    a, b = subject(same, info), subject(worse, info)
    for one, other, verdict in ((a, b, "A is better"), (b, a, "A is worse"), (a, a, "noise")):
        comparison = compare(one, other)
        seen = page(tmp_path, evaluation(list(one.photos), info), comparison=comparison)
        row = re.search(r"damaged photos with a finding (.*?) (A is better|A is worse|noise)", seen.text)
        assert row and row[2] == verdict
    many = len(comparison.figures)
    assert f"Of {many} figures A is better in 0, B in 0, and {many} differ by no more than noise" in seen.text


def test_what_a_reader_must_know_of_b_is_told_beside_the_comparison(tmp_path):
    a, b = subject(photos()), replace(subject(photos(), model(name="other")), thresholds_from="these photos")
    other = evaluate(b, NO_LEAKS, split="val", notes=["B has boxes only."])
    text = page(tmp_path, evaluation(), comparison=compare(a, b), other=other).text
    section = text[text.index("A is model 1.2") :]
    assert "Of B: B has boxes only." in section
    assert "Thresholds of A: the model's own. Thresholds of B: chosen on these very photos." in section
    assert "every figure but AP flatters B" in section


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(lambda: evaluation([photos()[1]], model(["damage"])), id="damage only"),
        pytest.param(lambda: evaluation([photos()[2]], model(["parts"])), id="parts only"),
        pytest.param(lambda: evaluation([photos()[1]]), id="no undamaged set, no parts drawn"),
        pytest.param(
            lambda: evaluation([judged(damage=[region(0)], parts=[region(0, label="hood")])]), id="nothing found"
        ),
        pytest.param(lambda: evaluation([judged(damage=[], found_damage=[region(0, 0.9)])]), id="nothing drawn"),
        pytest.param(lambda: evaluation([judged(damage=[], parts=[])]), id="neither drawn nor found"),
        pytest.param(
            lambda: evaluation([photos()[1]], model(["damage"], classes={"damage": ("dent", "scratch")})),
            id="own classes",
        ),
    ],
)
def test_degenerate_evaluations_have_a_page(tmp_path, case):
    made = case()
    seen = page(tmp_path, made)
    assert seen.sections[:2] == ["data", "summary"]
    assert len([name for name in seen.sections if name.startswith("branch-")]) == len(made.branches)
    for odd in ("None", "nan", "Undefined"):
        assert odd not in seen.text.split()


def test_nothing_is_left_behind_when_it_fails(tmp_path):
    with pytest.raises(AttributeError):
        write_report(tmp_path / "report.html", evaluation(), worst=[None])
    assert list(tmp_path.iterdir()) == []
