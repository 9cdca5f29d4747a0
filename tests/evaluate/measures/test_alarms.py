import numpy as np
import pytest

from crumple.detect.model_info import ClassThresholds
from crumple.evaluate.measures.alarms import clean_car_alarms, set_alarms
from crumple.evaluate.measures.bootstrap import resamples
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import CLASSES, region

THRESHOLDS = {
    "dent": ClassThresholds(lower=0.4, upper=0.8),
    "scratch": ClassThresholds(lower=0.5, upper=0.6),
}


def clean(name, *found):
    return judged(name, undamaged=True, found_damage=found)


def test_findings_per_photo_and_alarmed_photos():
    photos = [
        clean("a.jpg", region(0, 0.5), region(20, 0.4), region(40, 0.39)),
        clean("b.jpg", region(0, 0.7, "scratch"), region(20, 0.6)),
        clean("c.jpg", region(0, 0.49, "scratch")),
        clean("d.jpg"),
        judged("e.jpg", damage=[region(0)], found_damage=[region(50, 0.9)]),  # damaged, so not asked
    ]
    alarms = clean_car_alarms(photos, CLASSES, THRESHOLDS)
    assert alarms.photos == 4
    assert (alarms.lower.findings, alarms.lower.per_photo, alarms.lower.share) == (4, 1.0, 0.5)
    assert alarms.lower.alarmed == ("parts_set/b.jpg", "parts_set/a.jpg")
    rows = {row.name: (row.findings, row.photos) for row in alarms.lower.classes}
    assert rows == {"dent": (3, 2), "scratch": (1, 1), "glass_crack": (0, 0)}
    assert (alarms.upper.findings, alarms.upper.per_photo, alarms.upper.share) == (1, 0.25, 0.25)
    assert alarms.upper.alarmed == ("parts_set/b.jpg",)


def test_a_class_without_thresholds_has_those_an_assessment_uses():
    alarms = clean_car_alarms([clean("a.jpg", region(0, 0.29, "glass_crack"))], CLASSES, THRESHOLDS)
    assert alarms.lower.findings == 0
    alarms = clean_car_alarms([clean("a.jpg", region(0, 0.3, "glass_crack"))], CLASSES, THRESHOLDS)
    assert (alarms.lower.findings, alarms.upper.findings) == (1, 0)


def test_quiet_cars_and_no_cars():
    alarms = clean_car_alarms([clean("a.jpg"), clean("b.jpg")], CLASSES, THRESHOLDS)
    assert (alarms.lower.per_photo, alarms.lower.share, alarms.lower.alarmed) == (0.0, 0.0, ())
    assert clean_car_alarms([judged(damage=[region(0)])], CLASSES, THRESHOLDS) is None
    assert clean_car_alarms([], CLASSES, THRESHOLDS) is None


def test_a_model_without_a_damage_branch_raises_no_alarm_and_no_error():
    assert clean_car_alarms([judged(undamaged=True, found_branches=("parts",))], CLASSES, THRESHOLDS) is None


def test_per_photo_counts_photos_without_findings_too():
    photos = [clean("a.jpg", region(0, 0.9), region(20, 0.9)), clean("b.jpg"), clean("c.jpg")]
    alarms = clean_car_alarms(photos, CLASSES, THRESHOLDS)
    assert (alarms.lower.per_photo, alarms.lower.share) == (pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_every_set_by_itself_undamaged_ones_first():
    photos = [
        judged("a", damage=[region(0)], found_damage=[region(60, 0.9)], sets={"damage": "claims"}),
        judged("b", damage=[region(0)], sets={"damage": "claims"}),
        judged("c", damage=[], found_damage=[region(0, 0.9)], sets={"damage": "claims"}),  # nothing is drawn on it
        *(judged(f"d{i}", undamaged=True, sets={"damage": "street"}) for i in range(3)),
        judged("e", undamaged=True, sets={"parts": "cars"}, found_damage=[region(0, 0.4)]),
        judged("f", undamaged=True, sets={"parts": "cars"}, found_branches=("parts",)),
    ]
    rows = set_alarms(photos, resamples([None] * len(photos), 20))
    assert [(row.set, row.undamaged, row.alarmed.hits, row.alarmed.of) for row in rows] == [
        ("street", True, 0, 3),
        ("cars", True, 1, 1),
        ("claims", False, 1, 2),
    ]
    assert rows[2].alarmed.share.value == 0.5 and rows[2].alarmed.share.high == 1.0


def test_alarms_by_thresholds_from_other_photos_stand_beside():
    photos = [clean("a"), clean("b", region(0, 0.9)), judged("c", damage=[region(0)], found_damage=[region(0, 0.9)])]
    rows = set_alarms(photos, resamples([None] * 3, 20), np.array([True, True, False]))
    assert [(row.set, row.alarmed.hits, row.held_out.hits) for row in rows] == [
        ("parts_set", 1, 2),
        ("damage_set", 1, 0),
    ]
    assert all(row.held_out is None for row in set_alarms(photos, resamples([None] * 3, 20)))
