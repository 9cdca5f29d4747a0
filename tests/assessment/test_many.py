import csv
import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from crumple.assessment.assessment import Assessment
from crumple.assessment.many import assess_many
from crumple.assessment.pipeline import Assessor
from crumple.errors import PhotoError
from crumple.photo_files import find_photos
from tests.fakes import Thing, fake_detector

THINGS = [
    Thing("parts", "hood", (10, 10, 90, 90), 0.9),
    Thing("damage", "dent", (20, 20, 40, 45), 0.8),
    Thing("damage", "scratch", (60, 20, 70, 25), 0.1),
]


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    rng = np.random.default_rng(0)
    for name in ("a.jpg", "a.png", "one/b.jpg", "two/b.jpg"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (100, 200, 3), np.uint8)).save(path)
    return folder


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def run(photos, out, min_score=None, **options):
    assessor = Assessor(fake_detector(THINGS), min_score=min_score)
    return assess_many(assessor, find_photos([photos]), out, title="Test", **options)


def test_writes_everything_and_nothing_meets(photos, tmp_path):
    out = tmp_path / "out"
    outcome = run(photos, out)
    assert (outcome.assessed, outcome.findings, outcome.skipped, outcome.unreached) == (4, 4, [], 0)
    overlays = ["overlays/a.jpg.jpg", "overlays/a.png.jpg", "overlays/one/b.jpg", "overlays/two/b.jpg"]
    assert files(out) == sorted(["assessments.jsonl", "coco.json", "findings.csv", "index.html", *overlays])
    lines = (out / "assessments.jsonl").read_text().splitlines()
    names = ["a.jpg", "a.png", "one/b.jpg", "two/b.jpg"]
    assert [Assessment.model_validate_json(line).photo.name for line in lines] == names
    with (out / "findings.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["photo"] for row in rows] == names
    assert rows[0]["damage"] == "dent" and rows[0]["parts"] == "hood" and float(rows[0]["score"]) == 0.8
    assert all(name in (out / "index.html").read_text() for name in names)
    assert Image.open(out / "overlays/one/b.jpg").size == (200, 100)


def test_coco_file_loads_and_min_score_sets_how_far_down_it_goes(photos, tmp_path):
    for min_score, expected in ((None, 8), (0.05, 12), (0.85, 4)):
        out = tmp_path / str(min_score)
        run(photos, out, min_score)
        coco = COCO(str(out / "coco.json"))
        assert len(coco.getImgIds()) == 4 and len(coco.getAnnIds()) == expected
        assert all(annotation["score"] >= (min_score or 0.3) for annotation in coco.dataset["annotations"])


def test_a_broken_photo_is_named_and_skipped(photos, tmp_path):
    (photos / "broken.jpg").write_bytes(b"<html>not found</html>")
    (photos / "empty.jpg").write_bytes(b"")
    told = []
    outcome = run(photos, tmp_path / "out", done=lambda file, result: told.append((file.name, type(result))))
    assert outcome.assessed == 4
    assert [photo.name for photo in outcome.skipped] == ["broken.jpg", "empty.jpg"]
    assert [name for name, kind in told if issubclass(kind, PhotoError)] == ["broken.jpg", "empty.jpg"]
    assert len(told) == 6
    page = (tmp_path / "out" / "index.html").read_text()
    assert "broken.jpg" in page and "empty.jpg" in page


def test_nothing_but_broken_photos_is_an_error_and_writes_nothing(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "x.jpg").write_bytes(b"x")
    with pytest.raises(PhotoError, match="of 1 photo none was assessed, for the reasons given; nothing was written"):
        run(tmp_path / "photos", tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


def test_stopping_early_leaves_whole_files_for_what_was_done(photos, tmp_path):
    done = []
    out = tmp_path / "out"
    outcome = run(photos, out, done=lambda file, result: done.append(file), stop=lambda: len(done) == 2)
    assert (outcome.assessed, outcome.unreached) == (2, 2)
    assert len((out / "assessments.jsonl").read_text().splitlines()) == 2
    assert len(json.loads((out / "coco.json").read_text())["images"]) == 2
    assert "2 more" in (out / "index.html").read_text()


def test_a_crash_on_the_way_leaves_the_files_of_the_run_before(photos, tmp_path):
    out = tmp_path / "out"
    run(photos, out)
    before = {name: (out / name).read_bytes() for name in files(out)}

    def fail(file, result):
        if file.name == "one/b.jpg":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(photos, out, 0.05, done=fail)
    assert {name: (out / name).read_bytes() for name in files(out)} == before
