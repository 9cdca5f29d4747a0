"""`crumple label check` on version folders."""

import re

import cv2
import numpy as np
import pytest

from crumple.cli.main import run
from crumple.errors import DataError
from crumple.label.annotations import AnnotationSet, VersionPhoto
from crumple.label.check.balance import class_counts
from crumple.label.check.checker import check_version
from crumple.label.review import Review
from crumple.label.versions.version import read_version, write_version
from tests.fakes import SIZE, Thing, fake_detector, save_model
from tests.label.labels import box, photo

NAME = "sub/<b>&.png"  # what a page must not take for its own


@pytest.fixture
def version(tmp_path):
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for name in (NAME, "clean.png"):
        cv2.imwrite(str(folder / name), np.full((100, 200, 3), 120, np.uint8))
    again = AnnotationSet((box("dent", 10, 10, 52, 50), box("wheel", 120, 50, 150, 80)), "bobby <x>", 2)
    drawn = (box("scratch", 10, 10, 50, 50), box("hood", 60, 10, 100, 50), box("hood", 60, 10, 101, 50))
    photos = [
        VersionPhoto(NAME, 200, 100, (AnnotationSet(drawn, "annie", 1), again), "0" * 64),
        VersionPhoto("clean.png", 200, 100, (AnnotationSet((), "annie", 1),)),
    ]
    return write_version(tmp_path / "v3", photos, {}, images=str(folder))


def check(*arguments) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["label", "check", *map(str, arguments)])
    return ended.value.code


def test_the_page_and_the_review_list(version, tmp_path, capsys):
    assert check(version, "--no-model", "--out", tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "3 objects on 2 photos" in said and "Objects drawn twice" in said and "kappa" in said
    review = Review.load(tmp_path / "out" / "review.json")
    assert (review.version, review.model, review.photos()) == ("v3", None, [NAME])
    assert [item.score for item in review.items] == sorted((item.score for item in review.items), reverse=True)
    assert {item.kind for item in review.items} == {"duplicate", "annotators_class", "annotators_missed"}
    assert {item.sha256 for item in review.items} == {"0" * 64}
    page = (tmp_path / "out" / "check.html").read_text()
    assert page.count("<img ") == len(review.items) and "data:image/jpeg;base64," in page
    assert "<b>&" not in page and "bobby <x>" not in page and "sub/&lt;b&gt;&amp;.png" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page), "nothing is fetched"


def test_with_a_model_of_its_own(version, tmp_path):
    (tmp_path / "model").mkdir()
    save_model(tmp_path / "model")
    assert check(version, "--model", tmp_path / "model", "--out", tmp_path / "out") == 0
    assert Review.load(tmp_path / "out" / "review.json").model == "fake 1"


def test_the_model_is_asked_of_the_branches_that_are_labelled(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((*SIZE, 3), 120, np.uint8))
    labelled = photo(box("dent", 10, 10, 50, 50))
    version = read_version(write_version(tmp_path / "v1", [labelled], {}, images=str(tmp_path)))
    detector = fake_detector(
        [Thing("parts", "hood", (60, 10, 120, 60)), Thing("damage", "scratch", (130, 10, 180, 60), 0.8)]
    )
    report = check_version(version, images=tmp_path, detector=detector)
    assert [(item.kind, item.suggestion and item.suggestion.label) for item in report.review.items] == [
        ("missed_by_labels", "scratch"),
        ("missed_by_model", None),
    ], "parts are not labelled in this version, so none is missing"
    assert report.review.model == "fake 1" and report.no_vehicle == 1


def test_nothing_is_missed_that_the_version_has_no_name_for(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((*SIZE, 3), 120, np.uint8))
    drawn = photo(box("hood", 60, 10, 120, 60))
    seen = [Thing("parts", "hood", (60, 10, 120, 60), 0.9), Thing("parts", "wheel", (130, 10, 180, 60), 0.9)]
    missed = {}
    for name, names in (("v1", ["hood", "trunk"]), ("v2", ["hood", "trunk", "wheel"])):
        version = read_version(write_version(tmp_path / name, [drawn], {}, names=names, images=str(tmp_path)))
        items = check_version(version, images=tmp_path, detector=fake_detector(seen)).review.items
        missed[name] = [item.suggestion.label for item in items if item.kind == "missed_by_labels"]
    assert missed == {"v1": [], "v2": ["wheel"]}


def test_a_photo_of_another_size_is_told(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((50, 60, 3), 120, np.uint8))
    version = read_version(write_version(tmp_path / "v1", [photo(box("dent", 1, 1, 9, 9))], {}, images=str(tmp_path)))
    with pytest.raises(DataError, match=r"a.jpg: has 60x50 pixels, its labels are for 200x100; give --images"):
        check_version(version, images=tmp_path, detector=fake_detector([]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--images", "nowhere"], "nowhere: there is no such folder; give --images, or --no-model"),
        (["--no-model", "--model", "x"], "--model and --no-model: give one of them"),
        (["--model", "nowhere"], "nowhere: there is no such folder"),
    ],
)
def test_what_is_missing_is_told_before_any_work(version, tmp_path, capsys, arguments, says):
    assert check(version, "--out", tmp_path / "out", *arguments) == 2
    assert says in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_a_folder_that_is_no_version_is_told(tmp_path, capsys):
    assert check(tmp_path, "--no-model", "--out", tmp_path / "out") == 2
    assert "manifest.json: cannot be read" in capsys.readouterr().err


def test_without_its_photos_a_version_is_checked_all_the_same(tmp_path, capsys):
    drawn = photo(box("dent", 10, 10, 50, 50), box("dent", 10, 10, 50, 50))
    write_version(tmp_path / "v1", [drawn], {}, images="gs://bucket/photos")
    assert check(tmp_path / "v1", "--out", tmp_path / "out") == 2
    assert "its photos are not on this machine; give --images, or --no-model" in capsys.readouterr().err
    assert check(tmp_path / "v1", "--no-model", "--out", tmp_path / "out") == 0
    page = (tmp_path / "out" / "check.html").read_text()
    assert "No pictures" in page and "<img" not in page and "drawn twice" in page


def test_nothing_to_look_at(tmp_path, capsys):
    write_version(tmp_path / "v1", [photo(box("dent", 10, 10, 50, 50))], {})
    assert check(tmp_path / "v1", "--no-model", "--out", tmp_path / "out") == 0
    assert "Nothing to look at again" in capsys.readouterr().out
    assert Review.load(tmp_path / "out" / "review.json").items == []


def test_classes_that_are_rare_are_noted():
    photos = [
        photo(*[box("dent", 1, 1, 9, 9)] * 60, *[box("scratch", 1, 1, 9, 9)] * 3, name=f"{i}.jpg") for i in range(20)
    ]
    rows = {row.label: row for row in class_counts(photos)}
    assert [(row.objects, row.photos, row.note) for row in (rows["dent"], rows["scratch"], rows["glass_crack"])] == [
        (1200, 20, ""),
        (60, 20, ""),
        (0, 0, "none"),
    ]
    assert "hood" not in rows, "no parts are labelled at all"
    photos.append(photo(*[box("dent", 1, 1, 9, 9)] * 300, *[box("primer_exposed", 1, 1, 9, 9)]))
    rows = {row.label: row.note for row in class_counts(photos)}
    assert rows["scratch"] == "25 times rarer than the most frequent" and rows["primer_exposed"] == "fewer than 50"
