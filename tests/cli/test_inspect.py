"""`crumple inspect`: files, words and exit codes; a fake network sees the same on every photo."""

import csv
import json
import signal

import numpy as np
import pytest
from PIL import Image

from crumple.assessment.severity import BUILTIN_RULES
from crumple.case.pipeline import Inspector
from crumple.cli.main import run
from tests.fakes import Thing, fake_detector

THINGS = [
    Thing("parts", "hood", (10, 10, 90, 90), 0.9),
    Thing("damage", "dent", (20, 20, 40, 45), 0.8),
]
SIZE = (200, 100)
FILES = ["assessments.jsonl", "damages.csv", "inspection.json", "report.html", "report.pdf"]


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr("crumple.detect.detector.load_detector", lambda folder=None, *, accurate: fake_detector(THINGS))


def save(path, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (*SIZE[::-1], 3), np.uint8)).save(path)
    return path


def call(*arguments):
    """Exit code of `crumple inspect ...`."""
    with pytest.raises(SystemExit) as caught:
        run(["inspect", *map(str, arguments)])
    return caught.value.code or 0


def top_files(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_photos_of_one_vehicle_give_one_list_of_damages(tmp_path, capsys):
    for number in range(3):
        save(tmp_path / "car" / f"{number}.jpg", number)
    assert call(tmp_path / "car", "--out", tmp_path / "case") == 0
    assert top_files(tmp_path / "case") == FILES
    inspection = json.loads((tmp_path / "case" / "inspection.json").read_text())
    assert inspection["name"] == "car" and [photo["name"] for photo in inspection["photos"]] == [
        "0.jpg",
        "1.jpg",
        "2.jpg",
    ]
    told = {(one["photo"], one["finding"]) for damage in inspection["damages"] for one in damage["observations"]}
    assert told == {(f"photo-{number}", "finding-1") for number in (1, 2, 3)}  # each finding is of exactly one damage
    with (tmp_path / "case" / "damages.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["damage"] for row in rows] == [damage["id"] for damage in inspection["damages"]]
    [hood] = [panel for panel in inspection["panels"] if panel["label"] == "hood"]
    # A photo of 100 pixels shows nothing well; and this model's scores are no probabilities.
    assert hood["seen"] == "partly" and hood["damaged"] == "unclear" and hood["damages"] == ["damage-1"]
    printed = capsys.readouterr().out
    assert "3 photos" in printed and "dent" in printed and "not photographed: back" in printed


def test_one_photo_is_a_case_too_and_gets_the_given_name(tmp_path, capsys):
    assert call(save(tmp_path / "car.jpg"), "--out", tmp_path / "case", "--name", "claim 4711") == 0
    inspection = json.loads((tmp_path / "case" / "inspection.json").read_text())
    assert inspection["name"] == "claim 4711" and len(inspection["damages"]) == 1
    assert inspection["damages"][0]["text"].startswith("dent on hood")
    assert "claim 4711: 1 damage on 0 panels, 1 photo" in capsys.readouterr().out


def test_a_photo_that_cannot_be_read_is_named_and_left_out(tmp_path, capsys):
    save(tmp_path / "car" / "a.jpg")
    (tmp_path / "car" / "b.jpg").write_text("no photo")
    assert call(tmp_path / "car", "--out", tmp_path / "case") == 1
    inspection = json.loads((tmp_path / "case" / "inspection.json").read_text())
    assert [photo["name"] for photo in inspection["photos"]] == ["a.jpg"]
    [note] = [note for note in inspection["notes"] if note.startswith("left out: ")]
    assert "b.jpg" in note
    assert "skipped: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda folder: folder.mkdir(), "no photo in it; give a folder with"),
        (lambda folder: (folder.mkdir(), (folder / "a.jpg").write_text("x")), "of 1 photo none could be read"),
        (lambda folder: [save(folder / f"{i}.jpg", i) for i in range(3)], "3 photos, and an inspection of one vehicle"),
    ],
)
def test_what_cannot_be_inspected_gets_one_line_and_writes_nothing(tmp_path, capsys, monkeypatch, make, complaint):
    monkeypatch.setattr("crumple.case.pipeline.MAX_PHOTOS", 2)
    make(tmp_path / "car")
    assert call(tmp_path / "car", "--out", tmp_path / "case") == 2
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert complaint in line
    assert not (tmp_path / "case").exists()


def coco(path, photos, boxes, category="scratch"):
    """A COCO file: on each photo the boxes (left, top, width, height) drawn as polygons."""
    images = [{"id": i, "file_name": name, "width": SIZE[0], "height": SIZE[1]} for i, name in enumerate(photos)]
    annotations = []
    for i, drawn in enumerate(boxes):
        for x, y, w, h in drawn:
            polygon = [x, y, x + w, y, x + w, y + h, x, y + h]
            entry = {"id": 70 + len(annotations), "image_id": i, "category_id": 1, "segmentation": [polygon]}
            annotations.append(entry)
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": category}]}
    path.write_text(json.dumps(content))
    return path


def test_peoples_drawings_take_the_place_of_the_models_findings(tmp_path):
    for number in range(2):
        save(tmp_path / "car" / f"{number}.jpg", number)
    drawn = coco(tmp_path / "drawn.json", ["0.jpg", "else/9.jpg"], [[(20, 20, 10, 30), (60, 60, 9, 9)], [(1, 1, 5, 5)]])
    assert call(tmp_path / "car", "--out", tmp_path / "case", "--findings", drawn) == 0
    inspection = json.loads((tmp_path / "case" / "inspection.json").read_text())
    assert inspection["findings_from"] == "people"
    assert {damage["damage"] for damage in inspection["damages"]} == {"scratch"}
    boxes = {one["annotation"]: tuple(one["box"]) for damage in inspection["damages"] for one in damage["observations"]}
    assert boxes == {70: (20, 20, 30, 50), 71: (60, 60, 69, 69)}
    assert all(damage["probability"] is None for damage in inspection["damages"])  # nobody guesses about a drawing
    assert [panel["label"] for panel in inspection["panels"] if panel["damaged"] == "yes"] == ["hood"]
    assert "photo 2 is not in the findings file: nothing is known of damage there" in inspection["notes"]


@pytest.mark.parametrize(
    ("photos", "category", "complaint"),
    [
        (["other.jpg"], "scratch", "drawn.json: lists none of these photos"),
        (["0.jpg"], "rust", "drawn.json: category 'rust' is not known; known are"),
    ],
)
def test_a_findings_file_that_does_not_fit_gets_one_line(tmp_path, capsys, photos, category, complaint):
    save(tmp_path / "car" / "0.jpg")
    drawn = coco(tmp_path / "drawn.json", photos, [[(1, 1, 9, 9)]], category)
    assert call(tmp_path / "car", "--out", tmp_path / "case", "--findings", drawn) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "case").exists()


def fleet(tmp_path):
    for seed, name in enumerate(("b", "a")):
        save(tmp_path / "fleet" / name / "1.jpg", seed)
    return tmp_path / "fleet", tmp_path / "cases"


def test_a_folder_of_folders_is_many_vehicles_with_one_index(tmp_path, capsys):
    folder, out = fleet(tmp_path)
    (folder / "empty").mkdir()
    (folder / "broken").mkdir()
    (folder / "broken" / "1.jpg").write_text("no photo")
    assert call(folder, "--each", "--out", out) == 1
    assert sorted(path.name for path in out.iterdir()) == ["a", "b", "index.html"]
    assert top_files(out / "a") == FILES
    index = (out / "index.html").read_text()
    assert 'href="a/report.html"' in index and 'href="b/report.html"' in index and "none could be read" in index
    assert "2 of 3 vehicles inspected, 1 not" in capsys.readouterr().out


def test_run_again_it_inspects_only_what_has_changed(tmp_path, capsys):
    folder, out = fleet(tmp_path)
    assert call(folder, "--each", "--out", out) == 0
    before = {name: (out / name / "inspection.json").stat().st_mtime_ns for name in "ab"}
    save(folder / "b" / "2.jpg", 9)
    assert call(folder, "--each", "--out", out) == 0
    after = {name: (out / name / "inspection.json").stat().st_mtime_ns for name in "ab"}
    assert after["a"] == before["a"] and after["b"] > before["b"]
    assert "2 of 2 vehicles inspected, 1 of them before" in capsys.readouterr().out


def test_other_rules_another_min_score_and_two_looks_are_inspected_anew(tmp_path, capsys):
    folder, out = fleet(tmp_path)
    rules = tmp_path / "rules.yaml"
    rules.write_text(BUILTIN_RULES.read_text().replace("vehicle_needs_parts: 4", "vehicle_needs_parts: 5"))
    assert rules.read_text() != BUILTIN_RULES.read_text()
    for options in ((), ("--rules", rules), ("--min-score", "0.2"), ("--accurate",)):
        for before in ("", ", 2 of them before"):
            assert call(folder, "--each", "--out", out, *options) == 0
            assert f"2 of 2 vehicles inspected{before}:" in capsys.readouterr().out


def test_for_the_recipient_the_report_has_no_figures_and_is_written_anew(tmp_path, capsys):
    folder, out = fleet(tmp_path)
    reports = [out / name / "report.html" for name in "ab"]
    assert call(folder, "--each", "--out", out) == 0
    assert all("score thresholds" in report.read_text() for report in reports)
    for before in (0, 2):
        assert call(folder, "--each", "--out", out, "--audience", "recipient") == 0
        assert not any("score thresholds" in report.read_text() for report in reports)
        told = capsys.readouterr().out.splitlines()[-1]
        assert told.startswith("2 of 2 vehicles inspected:" if not before else "2 of 2 vehicles inspected, 2 of them")
    assert call(folder / "a", "--out", tmp_path / "one", "--audience", "recipient") == 0
    assert "score thresholds" not in (tmp_path / "one" / "report.html").read_text()


def test_each_takes_no_single_name_and_no_photos(tmp_path, capsys):
    folder, out = fleet(tmp_path)
    assert call(folder, "--each", "--name", "x", "--out", out) == 2
    assert call(folder / "a" / "1.jpg", "--each", "--out", out) == 2
    assert call(folder / "a", "--each", "--out", out) == 2
    said = capsys.readouterr().err
    assert "--name is for one vehicle" in said and "--each takes one folder" in said and "no folder of photos" in said
    assert not out.exists()


def test_interrupted_in_the_middle_what_is_done_has_its_index_and_the_next_run_goes_on(tmp_path, capsys, monkeypatch):
    folder, out = fleet(tmp_path)
    with monkeypatch.context() as patch:
        real = Inspector.__call__

        def once(self, *arguments, **options):
            told = real(self, *arguments, **options)
            signal.raise_signal(signal.SIGINT)
            return told

        patch.setattr(Inspector, "__call__", once)
        assert call(folder, "--each", "--out", out) == 130
    assert sorted(path.name for path in out.iterdir()) == ["a", "index.html"]
    assert 'href="a/report.html"' in (out / "index.html").read_text()
    assert "1 of 2 vehicles inspected, 1 not" in capsys.readouterr().out
    assert call(folder, "--each", "--out", out) == 0
    assert "2 of 2 vehicles inspected, 1 of them before" in capsys.readouterr().out
