"""`crumple.inspect`: what it takes, and what it does with photos that it cannot use."""

import inspect

import numpy as np
import pytest
from PIL import Image

import crumple
from crumple.case import pipeline
from crumple.case.pipeline import Inspector, PhotoToInspect
from crumple.detect.model_info import BranchInfo
from crumple.errors import DataError, PhotoError
from crumple.taxonomy import PARTS
from tests.fakes import Thing, fake_detector, fake_info

THINGS = [Thing("parts", "hood", (10, 10, 90, 90), 0.9), Thing("damage", "dent", (20, 20, 40, 45), 0.8)]


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr("crumple.assessment.pipeline._detector", lambda folder: fake_detector(THINGS))


def pixels(seed=0):
    return np.random.default_rng(seed).integers(0, 255, (100, 200, 3), np.uint8)


@pytest.fixture
def folder(tmp_path):
    for number in range(3):
        Image.fromarray(pixels(number)).save(tmp_path / f"{number}.png")
    return tmp_path


def test_a_folder_a_list_of_paths_bytes_and_pixels_are_the_same_photos(folder):
    paths = sorted(folder.iterdir())
    whole = crumple.inspect(folder)
    assert whole.name == folder.name and [one.number for one in whole.photos] == [1, 2, 3]
    listed = crumple.inspect([str(path) for path in paths])
    read = crumple.inspect([path.read_bytes() for path in paths], name="mine")
    seen = crumple.inspect([pixels(number) for number in range(3)])
    assert read.name == "mine" and [one.name for one in seen.photos] == ["photo 1", "photo 2", "photo 3"]
    assert [one.sha256 for one in listed.photos] == [one.sha256 for one in read.photos]
    for other in (listed, read, seen):
        assert [damage.text for damage in other.damages] == [damage.text for damage in whole.damages]
    assert len(whole.assessments) == 3 and whole.assessments[0].photo.name == "0.png"


def test_it_is_a_plain_function_with_help():
    assert inspect.isfunction(crumple.inspect) and "one vehicle" in (inspect.getdoc(crumple.inspect) or "")


def test_a_model_without_damage_says_so_and_still_tells_what_was_seen(folder, monkeypatch):
    panels = crumple.inspect(folder).panels
    info = fake_info(branches=(BranchInfo(name="parts", classes=PARTS),), thresholds={})
    things = [thing for thing in THINGS if thing.branch == "parts"]
    monkeypatch.setattr("crumple.assessment.pipeline._detector", lambda _: fake_detector(things, info))
    told = crumple.inspect(folder)
    assert told.damages == [] and told.notes == [
        "this model does not detect damage: there may be damage that is not listed"
    ]
    assert [(one.label, one.seen) for one in told.panels] == [(one.label, one.seen) for one in panels]
    assert {one.seen for one in told.panels} == {"partly", "not_seen"}


def test_objects_of_a_further_branch_do_not_become_damages(folder, monkeypatch):
    branches = (BranchInfo(name="damage", classes=("dent",)), BranchInfo(name="rims", classes=("kerb rash",)))
    things = [THINGS[1], Thing("rims", "kerb rash", (50, 20, 90, 60), 0.8)]
    info = fake_info(branches=branches, thresholds={})
    monkeypatch.setattr("crumple.assessment.pipeline._detector", lambda _: fake_detector(things, info))
    told = crumple.inspect(folder)
    assert {damage.damage for damage in told.damages} == {"dent"} and not told.notes
    assert [[one.label for one in each.objects] for each in told.assessments] == [["kerb rash"]] * 3


def test_one_bad_photo_never_takes_the_others_with_it(folder):
    (folder / "1.png").write_bytes(b"broken")
    told = crumple.inspect(folder)
    assert [one.name for one in told.photos] == ["0.png", "2.png"]
    assert [one.id for one in told.photos] == ["photo-1", "photo-2"]
    [note] = [note for note in told.notes if note.startswith("left out: ")]
    assert "1.png" in note


def test_what_cannot_be_inspected_is_one_line(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    with pytest.raises(PhotoError, match="no photo to inspect; give a folder with"):
        crumple.inspect(empty)
    with pytest.raises(PhotoError, match="no photo to inspect"):
        crumple.inspect([])
    with pytest.raises(DataError, match="no such annotation file"):
        crumple.inspect(folder, findings=empty / "none.json")


def test_stopped_early_it_says_how_many_photos_it_has_not_looked_at(folder):
    todo = [PhotoToInspect(path, path.name) for path in sorted(folder.iterdir())]
    looked = []
    inspector = Inspector(pipeline.kept_assessor())
    told = inspector(todo, name="car", done=lambda photo, result: looked.append(photo.name), stop=lambda: bool(looked))
    assert looked == ["0.png"] and len(told.photos) == 1
    assert "stopped early: 2 of 3 photos were not looked at" in told.notes


def test_read_back_from_json_it_is_the_same(folder):
    told = crumple.inspect(folder)
    read = crumple.Inspection.model_validate_json(told.model_dump_json())
    assert read.model_dump() == told.model_dump() and read.assessments == []
