import numpy as np
import pytest

from crumple.evaluate.measures.presence import AtFalseAlarms, auc, damage_anywhere, damage_scores, presence
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import CLASSES, region


def scored(*scores, **options):
    return judged(found_damage=[region(0, score) for score in scores], **options)


def test_recall_and_false_alarms_by_class_and_of_any_damage():
    photos = [
        judged(damage=[region(0), region(20)], found_damage=[region(80, 0.9)]),  # noticed, wherever it lies
        judged(damage=[region(0)], found_damage=[region(0, 0.9, "scratch")]),
        judged(damage=[region(0, label="scratch")]),
        judged(undamaged=True, found_damage=[region(0, 0.9), region(20, 0.9)]),
        judged(parts=[region(0, label="hood")], found_damage=[region(0, 0.9)]),  # whether it is damaged nobody knows
    ]
    report = presence(photos, "damage", CLASSES, {})
    dent, scratch, glass = report.classes
    assert report.photos == 4
    assert (dent.present, dent.reported, dent.recall) == (2, 1, 0.5)
    assert (dent.absent, dent.alarmed, dent.false_alarms) == (2, 1, 0.5)
    assert (scratch.present, scratch.recall, scratch.absent) == (1, 0.0, 3)
    assert scratch.false_alarms == pytest.approx(1 / 3)
    assert (glass.present, glass.recall, glass.absent, glass.false_alarms) == (0, None, 4, 0.0)
    anything = report.anything
    assert (anything.present, anything.reported, anything.recall) == (3, 2, pytest.approx(2 / 3))
    assert (anything.absent, anything.alarmed, anything.false_alarms) == (1, 1, 1.0)


def test_only_what_reaches_the_operating_point_is_reported():
    photos = [judged(damage=[region(0)], found_damage=[region(0, 0.4)])]
    assert presence(photos, "damage", CLASSES, {"dent": 0.5}).classes[0].recall == 0.0
    assert presence(photos, "damage", CLASSES, {"dent": 0.4}).classes[0].recall == 1.0


def test_a_crowd_says_that_its_class_is_there():
    report = presence([judged(damage=[region(0, crowd=True)], found_damage=[region(0, 0.9)])], "damage", CLASSES, {})
    assert (report.classes[0].present, report.classes[0].recall, report.anything.absent) == (1, 1.0, 0)


def test_presence_without_photos_and_in_the_other_branch():
    nothing = presence([], "damage", CLASSES, {})
    assert (nothing.photos, nothing.anything.recall, nothing.anything.false_alarms) == (0, None, None)
    photos = [judged(parts=[region(0, label="hood")], found_branches=("damage",))]
    report = presence(photos, "parts", ("hood", "wheel"), {})
    assert (report.classes[0].recall, report.classes[1].recall, report.classes[1].false_alarms) == (0.0, None, 0.0)


def test_recall_at_stated_false_alarm_rates():
    clean = [scored(score, undamaged=True) for score in np.arange(1, 41) / 100]  # 5 % are two photos, 1 % none
    damaged = [scored(score, 0.01, damage=[region(0)]) for score in (0.395, 0.385, 0.38, 0.9, 0.2)]
    result = damage_anywhere([*damaged, *clean], {"dent": 0.3})
    assert (result.damaged, result.undamaged) == (5, 40)
    # At 5 % the third highest clean score, 0.38, is the limit, and 0.38 itself does not pass it.
    assert result.at == (
        AtFalseAlarms(wanted=0.05, above=0.38, false_alarms=0.05, recall=0.6),
        AtFalseAlarms(wanted=0.01, above=0.4, false_alarms=0.0, recall=0.2),
    )
    assert (result.recall, result.false_alarms) == (0.8, pytest.approx(11 / 40))


def test_photos_without_a_finding_have_the_score_zero():
    photos = [scored(damage=[region(0)]), scored(0.2, damage=[region(0)]), *[scored(undamaged=True)] * 3]
    assert [scores.tolist() for scores in damage_scores(photos)] == [[0.0, 0.2], [0.0, 0.0, 0.0]]
    result = damage_anywhere(photos, {})
    assert result.auc == 0.75  # one pair in two is decided, the other tied
    assert [(at.above, at.recall, at.false_alarms) for at in result.at] == [(0.0, 0.5, 0.0)] * 2


def test_one_kind_of_photo_alone_says_half():
    damaged = damage_anywhere([scored(0.9, damage=[region(0)])], {})
    assert (damaged.auc, damaged.at, damaged.recall, damaged.false_alarms) == (None, (), 1.0, None)
    clean = damage_anywhere([scored(0.9, undamaged=True)], {})
    assert (clean.auc, clean.at, clean.recall, clean.false_alarms) == (None, (), None, 1.0)
    assert damage_anywhere([], {}).damaged == 0


def test_photos_that_are_neither_drawn_on_nor_known_to_be_undamaged_are_left_out():
    result = damage_anywhere([scored(0.9, damage=[]), scored(0.9, parts=[region(0, label="hood")])], {})
    assert (result.damaged, result.undamaged) == (0, 0)


def test_auc_equals_all_pairs():
    rng = np.random.default_rng(3)
    damaged, clean = rng.integers(0, 20, 60) / 20, rng.integers(0, 15, 45) / 20
    pairs = damaged[:, None] - clean[None]
    assert auc(damaged, clean) == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())
