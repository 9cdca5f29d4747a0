from dataclasses import replace

import numpy as np
import pytest

from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.tuning.thresholds import (
    CONTEXT,
    DAMAGE_LOWEST,
    DAMAGE_PRECISION,
    LOWEST,
    NEVER,
    RESCORED_LOWEST,
    choose_thresholds,
    class_thresholds,
)
from tests.evaluate import squares
from tests.evaluate.judged_photos import judged


def test_lower_is_the_best_f1_and_upper_where_three_in_four_are_right():
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    right = np.array([True, True, True, False, True, False])
    chosen = class_thresholds(scores, right, 5)
    assert chosen == ClassThresholds(lower=0.45, upper=0.45)  # 4 of 5 right at 0.5
    chosen = class_thresholds(scores, np.array([True, True, False, False, True, True]), 5)
    assert chosen == ClassThresholds(lower=LOWEST, upper=0.75)


def test_equal_scores_are_reported_together_or_not_at_all():
    # At 0.5 two of five are right, F1 4/7; of those with 0.5 the right one comes first by chance.
    scores, right = np.array([0.9, 0.5, 0.5, 0.5, 0.5]), np.array([True, True, False, False, False])
    assert class_thresholds(scores, right, 2) == ClassThresholds(lower=0.7, upper=0.7)


def test_a_suspicion_is_right_once_in_three():
    right = np.array([True, False, False, False, False, False, True, True])  # best F1 at the end, 3 of 8
    scores = np.linspace(0.9, 0.2, 8)
    assert class_thresholds(scores, right, 3).lower == LOWEST
    right = np.array([True, False, False, False, False, False, False, True, False, True])  # 3 of 10 at the end
    chosen = class_thresholds(np.linspace(0.9, 0.2, 10), right, 9)
    assert chosen.lower == pytest.approx(0.7056, abs=1e-4)  # 1 of 3; halfway between the third and the fourth
    assert chosen.upper == pytest.approx(0.8611, abs=1e-4)


def test_a_class_that_is_never_sure_never_reaches_the_upper_threshold():
    chosen = class_thresholds(np.array([0.9, 0.8]), np.array([False, True]), 1)
    assert chosen == ClassThresholds(lower=LOWEST, upper=NEVER)


def test_a_class_whose_detections_are_all_right_is_not_held_back():
    chosen = class_thresholds(np.array([0.99, 0.97, 0.95]), np.ones(3, bool), 5, DAMAGE_PRECISION)
    assert chosen == ClassThresholds(lower=LOWEST, upper=LOWEST)
    # A wrong one far below: halfway to it, for nothing says where between them the first wrong one will be.
    chosen = class_thresholds(
        np.array([0.95, 0.15, 0.14, 0.13, 0.12]), np.array([True] + [False] * 4), 5, DAMAGE_PRECISION
    )
    assert chosen == ClassThresholds(lower=0.125, upper=0.55)


@pytest.mark.parametrize(("scores", "objects"), [([], 3), ([0.5], 0), ([0.01], 2)])
def test_nothing_to_go_by_gives_the_defaults(scores, objects):
    assert class_thresholds(np.array(scores), np.zeros(len(scores), bool), objects) == ClassThresholds()


def test_damage_is_reported_down_to_where_one_in_four_is_right():
    scores = np.linspace(0.9, 0.5, 9)
    right = np.array([True, True, False, False, False, False, False, False, False])  # best F1 at once
    assert class_thresholds(scores, right, 2) == ClassThresholds(lower=0.825, upper=0.825)
    assert class_thresholds(scores, right, 2, DAMAGE_PRECISION) == ClassThresholds(lower=0.525, upper=0.825)


BOTH = {"parts": ("hood", "wheel"), "damage": ("dent", "scratch")}


def test_every_class_of_every_labelled_branch_gets_thresholds():
    dent, hood = squares.region(0, 0.8), squares.region(30, 0.9, label="hood")
    photos = [judged("a", damage=[dent], found_damage=[dent]), judged("b", parts=[hood], found_parts=[hood])]
    chosen = choose_thresholds(photos, BOTH)
    unseen = ClassThresholds(lower=DAMAGE_LOWEST)
    floor = ClassThresholds(lower=DAMAGE_LOWEST, upper=DAMAGE_LOWEST)
    assert chosen["damage"] == {"dent": floor, "scratch": unseen}
    hood = ClassThresholds(lower=LOWEST, upper=LOWEST)
    assert chosen["parts"] == {"hood": hood, "wheel": ClassThresholds()}
    assert set(choose_thresholds(photos[:1], BOTH)) == {"damage"}
    assert choose_thresholds([], BOTH) == {}


def test_scores_with_a_second_opinion_are_held_back_by_clean_photos_alone():
    # One finding in five is right by its outline, so that without a second opinion the threshold is above the others.
    dent = squares.region(0, 0.9)
    wrong = [squares.region(20 + 10 * i, 0.8 - 0.05 * i) for i in range(4)]
    photos = [judged("a", damage=[dent], found_damage=[dent, *wrong])]
    assert choose_thresholds(photos, BOTH)["damage"]["dent"].lower > 0.6
    assert choose_thresholds(photos, BOTH, rescored=True)["damage"]["dent"].lower == RESCORED_LOWEST
    clean = [judged(str(i), undamaged=True, found_damage=[squares.region(0, 0.7)]) for i in range(20)]
    assert choose_thresholds(photos + clean, BOTH, rescored=True)["damage"]["dent"].lower == 0.701


def test_undamaged_photos_raise_the_thresholds_of_damage_alone():
    dent, hood = squares.region(0, 0.4), squares.region(30, 0.4, label="hood")
    photos = [judged("a", damage=[dent], found_damage=[dent], parts=[hood], found_parts=[hood])]
    clean = [
        judged(
            str(i), undamaged=True, parts=[], found_damage=[squares.region(0, 0.6, label="scratch")] if i < 3 else []
        )
        for i in range(20)
    ]
    assert choose_thresholds(photos + clean[3:], BOTH)["damage"]["dent"].lower == DAMAGE_LOWEST
    chosen = choose_thresholds(photos + clean, BOTH)
    assert chosen["damage"]["scratch"] == ClassThresholds(lower=0.601, upper=0.601)
    assert chosen["damage"]["dent"].lower == DAMAGE_LOWEST  # no clean car alarms for dents
    assert chosen["parts"]["hood"].lower == LOWEST


def test_a_part_is_reported_from_a_half_at_the_latest():
    hood = squares.region(30, 0.9, label="hood")
    wrong = [squares.region(x, 0.8, label="hood") for x in (0, 60, 80)]
    chosen = choose_thresholds([judged("a", parts=[hood], found_parts=[hood, *wrong])], {"parts": ("hood",)})
    assert chosen["parts"]["hood"] == ClassThresholds(lower=CONTEXT, upper=0.85)


def test_every_clean_set_counts_by_itself_and_a_set_apart_chooses_nothing():
    def photos(name, many, loud, score):
        alarm = [squares.region(0, score)]
        sets = {"damage": name}
        return [
            judged(f"{name}{i}", undamaged=True, sets=sets, found_damage=alarm if i < loud else []) for i in range(many)
        ]

    dent = judged("a", damage=[squares.region(0)], found_damage=[squares.region(0, 0.9)])
    easy, hard = photos("easy", 200, 0, 0.5), photos("hard", 20, 2, 0.6)
    assert choose_thresholds([dent, *easy, *hard], BOTH)["damage"]["dent"].lower == 0.601
    assert choose_thresholds([dent, *easy, *hard[1:]], BOTH)["damage"]["dent"].lower == 0.601  # 1 of 19
    wrong = judged("b", damage=[squares.region(0)], found_damage=[squares.region(50, 0.7 - i / 100) for i in range(20)])
    apart = replace(wrong, truth=replace(wrong.truth, apart=frozenset({"damage"})))
    assert choose_thresholds([dent, wrong], BOTH)["damage"]["dent"].lower > 0.6
    assert choose_thresholds([dent, apart], BOTH)["damage"]["dent"].lower == DAMAGE_LOWEST


def test_coarsely_named_parts_choose_nothing():
    hood = squares.region(30, 0.9, label="hood")
    photo = judged("a", parts=[hood], found_parts=[hood])
    coarse = replace(photo, truth=replace(photo.truth, coarser={"hood": "lid"}))
    assert choose_thresholds([coarse], BOTH) == {}
