from dataclasses import replace

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.regions import PhotoRegions, Region
from crumple.evaluate.thresholds import (
    CONTEXT,
    DAMAGE_LOWEST,
    DAMAGE_PRECISION,
    NEVER,
    alarm_floor,
    choose_thresholds,
    class_thresholds,
    match_scores,
)
from tests.evaluate import squares
from tests.evaluate.judged_photos import judged


def region(x, score=1.0, label="dent", crowd=False):
    """A 10 x 10 square at (x, 0) in a photo of 100 x 20."""
    mask = np.zeros((20, 100), np.uint8, order="F")
    mask[:10, x : x + 10] = 1
    return Region(label, (x, 0, x + 10, 10), coco_mask.encode(mask), score, crowd)


def photo(drawn=(), found=()):
    return PhotoRegions(100, 20, tuple(drawn), tuple(found))


def test_each_object_is_matched_once_by_its_best_score():
    photos = [
        photo([region(0), region(50)], [region(1, 0.6), region(0, 0.9), region(80, 0.7)]),
        photo([region(20)], [region(22, 0.8), region(20, 0.5, label="scratch")]),
    ]
    scores, right, objects = match_scores(photos, "dent")
    assert scores.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert right.tolist() == [True, True, False, False]  # 0.6 lies on an object that 0.9 has taken
    assert objects == 3


def test_a_crowd_takes_any_number_and_counts_for_nothing():
    photos = [photo([region(0, crowd=True), region(50)], [region(0, 0.9), region(1, 0.8), region(50, 0.7)])]
    scores, right, objects = match_scores(photos, "dent")
    assert scores.tolist() == [0.7] and right.tolist() == [True] and objects == 1


def test_suspected_is_the_best_f1_and_confirmed_where_three_in_four_are_right():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    right = np.array([True, True, True, False, True, False])
    chosen = class_thresholds(scores, right, 5)
    assert chosen == ClassThresholds(suspected=0.5, confirmed=0.5)  # 4 of 5 right at 0.5
    chosen = class_thresholds(scores, np.array([True, True, False, False, True, True]), 5)
    assert chosen == ClassThresholds(suspected=0.4, confirmed=0.8)


def test_equal_scores_are_reported_together_or_not_at_all():
    # At 0.5 two of five are right, F1 4/7; of those with 0.5 the right one comes first by chance.
    scores, right = np.array([0.9, 0.5, 0.5, 0.5, 0.5]), np.array([True, True, False, False, False])
    assert class_thresholds(scores, right, 2) == ClassThresholds(suspected=0.9, confirmed=0.9)


def test_a_suspicion_is_right_once_in_three():
    right = np.array([True, False, False, False, False, False, True, True])  # best F1 at the end, 3 of 8
    scores = np.linspace(0.9, 0.2, 8)
    assert class_thresholds(scores, right, 3).suspected == 0.2
    right = np.array([True, False, False, False, False, False, False, True, False, True])  # 3 of 10 at the end
    chosen = class_thresholds(np.linspace(0.9, 0.2, 10), right, 9)
    assert chosen.suspected == pytest.approx(0.744, abs=1e-3)  # 1 of 3
    assert chosen.confirmed == 0.9


def test_a_class_that_is_never_sure_is_never_confirmed():
    chosen = class_thresholds(np.array([0.9, 0.8]), np.array([False, True]), 1)
    assert chosen == ClassThresholds(suspected=0.8, confirmed=NEVER)


@pytest.mark.parametrize(("scores", "objects"), [([], 3), ([0.5], 0), ([0.01], 2)])
def test_nothing_to_go_by_gives_the_defaults(scores, objects):
    assert class_thresholds(np.array(scores), np.zeros(len(scores), bool), objects) == ClassThresholds()


def test_the_floor_leaves_one_undamaged_photo_in_twenty():
    thresholds = {"dent": ClassThresholds(suspected=0.3, confirmed=0.5)}
    peaks = [0.9, 0.8, 0.7, 0.2] + [0.0] * 36
    undamaged = [photo(found=[region(0, p)] if p else []) for p in peaks]
    floor = alarm_floor(undamaged, thresholds)
    assert sum(p >= floor for p in peaks) == 2  # of forty
    assert alarm_floor([photo()] * 40, thresholds) == 0.0
    assert alarm_floor([], thresholds) == 0.0


def test_damage_is_suspected_down_to_where_one_in_four_is_right():
    scores = np.linspace(0.9, 0.5, 9)
    right = np.array([True, True, False, False, False, False, False, False, False])  # best F1 at once
    assert class_thresholds(scores, right, 2) == ClassThresholds(suspected=0.85, confirmed=0.85)
    assert class_thresholds(scores, right, 2, DAMAGE_PRECISION) == ClassThresholds(suspected=0.55, confirmed=0.85)


BOTH = {"parts": ("hood", "wheel"), "damage": ("dent", "scratch")}


def test_every_class_of_every_labelled_branch_gets_thresholds():
    dent, hood = squares.region(0, 0.8), squares.region(30, 0.9, label="hood")
    photos = [judged("a", damage=[dent], found_damage=[dent]), judged("b", parts=[hood], found_parts=[hood])]
    chosen = choose_thresholds(photos, BOTH)
    unseen = ClassThresholds(suspected=DAMAGE_LOWEST)
    assert chosen["damage"] == {"dent": ClassThresholds(suspected=0.8, confirmed=0.8), "scratch": unseen}
    assert chosen["parts"] == {"hood": ClassThresholds(suspected=CONTEXT, confirmed=0.9), "wheel": ClassThresholds()}
    assert set(choose_thresholds(photos[:1], BOTH)) == {"damage"}
    assert choose_thresholds([], BOTH) == {}


def test_undamaged_photos_raise_the_thresholds_of_damage_alone():
    dent, hood = squares.region(0, 0.4), squares.region(30, 0.4, label="hood")
    photos = [judged("a", damage=[dent], found_damage=[dent], parts=[hood], found_parts=[hood])]
    clean = [
        judged(
            str(i), undamaged=True, parts=[], found_damage=[squares.region(0, 0.6, label="scratch")] if i < 3 else []
        )
        for i in range(20)
    ]
    assert choose_thresholds(photos + clean[3:], BOTH)["damage"]["dent"].suspected == 0.4
    chosen = choose_thresholds(photos + clean, BOTH)
    assert chosen["damage"]["dent"] == ClassThresholds(suspected=0.602, confirmed=0.602)
    assert chosen["damage"]["scratch"] == ClassThresholds(suspected=0.602, confirmed=0.602)
    assert chosen["parts"]["hood"].suspected == 0.4


def test_coarsely_named_parts_choose_nothing():
    hood = squares.region(30, 0.9, label="hood")
    photo = judged("a", parts=[hood], found_parts=[hood])
    coarse = replace(photo, truth=replace(photo.truth, coarser={"hood": "lid"}))
    assert choose_thresholds([coarse], BOTH) == {}
