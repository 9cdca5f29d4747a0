from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from crumple.detect.model_info import BranchInfo, ModelInfo
from crumple.errors import PhotoError
from crumple.evaluate.judged.readings import Calibrations
from crumple.evaluate.report.worst import mistakes, worst_photos
from crumple.evaluate.subject import Subject
from crumple.taxonomy import DAMAGES, PARTS
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import HEIGHT, WIDTH, region

INFO = ModelInfo(
    name="m",
    version="1",
    input_size=(64, 64),
    branches=(BranchInfo(name="parts", classes=PARTS), BranchInfo(name="damage", classes=DAMAGES)),
)


def subject(photos):
    return Subject(INFO, tuple(photos), np.ones((1, len(photos))), {}, "model", (Calibrations(),) * len(photos))


def test_most_mistakes_first_then_the_surest_false_alarm_then_the_name():
    photos = [
        judged("fine", damage=[region(0)], found_damage=[region(0, 0.9)]),
        judged("b-missed", damage=[region(0)]),
        judged("a-missed", damage=[region(0)]),
        judged("alarm", damage=[], found_damage=[region(0, 0.6)]),
        judged("surer alarm", undamaged=True, found_damage=[region(0, 0.8)]),
        judged("both", damage=[region(0)], found_damage=[region(50, 0.3)]),
    ]
    found = mistakes(photos, "damage", {})
    names = [one.photo.truth.file_name for one in found]
    assert names == ["both", "surer alarm", "alarm", "a-missed", "b-missed"]
    assert [(one.drawn, one.missed, len(one.false_alarms)) for one in found[:2]] == [(1, 1, 1), (0, 0, 1)]


def test_only_what_is_reported_is_a_false_alarm_and_crowds_are_no_mistakes():
    photo = judged(damage=[region(0), region(50, crowd=True)], found_damage=[region(0, 0.2), region(50, 0.9)])
    (one,) = mistakes([photo], "damage", {"dent": 0.5})
    assert (one.drawn, one.missed, one.false_alarms) == (1, 1, ())
    assert mistakes([photo], "damage", {}) == []


def test_words_say_what_went_wrong():
    drawn = [region(0), region(20)]
    alarms = [region(40, 0.5), region(60, 0.7, "glass_crack")]
    (one,) = mistakes([judged(damage=drawn, found_damage=alarms)], "damage", {})
    assert one.words == "2 of 2 missed; 2 false alarms (the surest: glass crack, score 0.70)"
    (one,) = mistakes([judged(undamaged=True, found_damage=alarms[:1])], "damage", {})
    assert one.words == "nothing drawn; 1 false alarm (dent, score 0.50)"
    (one,) = mistakes([judged(damage=drawn)], "damage", {})
    assert one.words == "2 of 2 missed"


def test_photos_without_truth_or_without_the_branch_and_no_photos_at_all():
    photos = [judged("a", parts=[region(0)]), judged("b", damage=[region(0)], found_branches=("parts",))]
    apart = judged("c", damage=[region(0)])
    photos.append(replace(apart, truth=replace(apart.truth, apart=frozenset({"damage"}))))
    coarse = judged("d", parts=[region(0)])
    coarse = replace(coarse, truth=replace(coarse.truth, coarser={"hood": "lid"}))
    assert mistakes([coarse], "parts", {}) == []
    assert mistakes(photos, "damage", {}) == mistakes([], "damage", {}) == []
    assert worst_photos(subject([])) == []


def write(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(np.full((HEIGHT, WIDTH, 3), 128, np.uint8)).save(path)
    return str(path)


def test_the_worst_of_each_branch_are_drawn(tmp_path):
    photos = [
        judged(write(tmp_path, f"{n}.png"), damage=[region(20 * k) for k in range(n)], parts=[region(0, label="hood")])
        for n in range(4)
    ]
    worst = worst_photos(subject(photos), most=2)
    assert [(one.branch, one.missed, one.false_alarms) for one in worst] == [
        ("parts", 1, 0),
        ("parts", 1, 0),
        ("damage", 3, 0),
        ("damage", 2, 0),
    ]
    picture = Image.open(BytesIO(worst[2].jpeg))
    assert picture.format == "JPEG" and picture.width > 2 * WIDTH and picture.height > HEIGHT
    assert worst[2].name.endswith("3.png") and worst[2].words == "3 of 3 missed"


def test_a_photo_that_is_gone_says_so():
    with pytest.raises(PhotoError, match="gone"):
        worst_photos(subject([judged("gone.png", damage=[region(0)])]))
