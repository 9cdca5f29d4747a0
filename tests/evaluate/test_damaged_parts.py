import pytest

from crumple.evaluate.damaged_parts import assessed_parts, damaged_parts
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region

DOOR, HOOD, WHEEL = (
    region((0, 0, 30, 40), label="front_left_door"),
    region((30, 0, 60, 40), label="hood"),
    region((60, 0, 90, 40), label="wheel"),
)


def counts(row):
    return row.damaged, row.reported, row.undamaged, row.alarmed


def test_parts_that_people_drew():
    damage = [
        region((0, 0, 10, 10)),
        region((28, 0, 38, 10)),
    ]  # on the door; a fifth of it on the door, the rest on the hood
    found = [region((5, 20, 15, 30), 0.9, "scratch"), region((65, 0, 75, 10), 0.8)]  # another place, another type
    report = damaged_parts([judged(parts=[DOOR, HOOD, WHEEL], damage=damage, found_damage=found)], {}, {})
    assert report.found is None
    assert (report.drawn.photos, report.drawn.bare, report.drawn.damages, report.drawn.on_no_part) == (1, 0, 2, 0)
    assert counts(report.drawn.parts) == (2, 1, 1, 1)
    assert (report.drawn.parts.recall, report.drawn.parts.false_alarms) == (0.5, 1.0)
    door, hood, wheel = report.drawn.classes
    assert (door.name, door.recall, door.false_alarms) == ("front_left_door", 1.0, None)
    assert (hood.recall, wheel.recall, wheel.false_alarms) == (0.0, None, 1.0)


def test_a_rim_below_a_tenth_of_the_damage_is_not_on_the_part():
    photo = judged(parts=[DOOR, HOOD], damage=[region((0, 0, 32, 10))], found_damage=[region((0, 0, 32, 10), 0.9)])
    assert counts(damaged_parts([photo], {}, {}).drawn.parts) == (1, 1, 1, 0)  # 2 of 32 columns on the hood


def test_parts_that_the_model_found():
    found_parts = [
        region((0, 0, 30, 40), 0.9, "front_left_door"),
        region((0, 0, 30, 38), 0.8, "front_right_door"),  # a second name for the same door
        region((60, 0, 90, 40), 0.2, "wheel"),  # below the operating point
    ]
    damage = [region((0, 0, 10, 10)), region((70, 0, 80, 10))]
    photo = judged(damage=damage, found_parts=found_parts, found_damage=[region((0, 0, 10, 10), 0.9)])
    lowest = {"wheel": 0.5}
    assert [part.label for part in assessed_parts(photo, lowest)] == ["front_left_door"]
    report = damaged_parts([photo], lowest, {})
    assert report.drawn is None
    assert (report.found.damages, report.found.on_no_part) == (2, 1)
    assert counts(report.found.parts) == (1, 1, 0, 0)


def test_each_photo_is_divided_in_its_own_way_and_undamaged_ones_count():
    photos = [
        judged(parts=[DOOR, HOOD], undamaged=True, found_damage=[region(0, 0.9), region(35, 0.3)]),
        judged(damage=[region(0)], found_parts=[region((0, 0, 30, 40), 0.9, "hood")]),
        judged(damage=[region(0)]),  # a photo on which no part was found
        judged(parts=[DOOR], found_damage=[region(0, 0.9)]),  # nobody knows whether it is damaged
    ]
    report = damaged_parts(photos, {}, {"dent": 0.5})
    assert counts(report.drawn.parts) == (0, 0, 2, 1) and report.drawn.parts.recall is None
    assert report.drawn.parts.false_alarms == pytest.approx(0.5)
    assert (report.found.photos, report.found.bare, report.found.on_no_part) == (1, 1, 1)
    assert counts(report.found.parts) == (1, 0, 0, 0)


def test_crowds_of_damage_and_of_parts_are_left_out():
    wheels = region((60, 0, 100, 40), label="wheel", crowd=True)
    damage = [region((0, 0, 10, 10), crowd=True), region((30, 0, 40, 10), crowd=True), region((35, 20, 45, 30))]
    found = [region((0, 0, 10, 10), 0.9), region((70, 0, 80, 10), 0.9)]
    report = damaged_parts([judged(parts=[DOOR, HOOD, wheels], damage=damage, found_damage=found)], {}, {}).drawn
    assert (counts(report.parts), report.damages) == ((1, 0, 0, 0), 1)  # the hood alone, for its one separate damage
    assert [row.name for row in report.classes] == ["hood"]


def test_no_photo_whose_damage_is_known():
    report = damaged_parts([judged(parts=[DOOR])], {}, {})
    assert (report.drawn, report.found) == (None, None)
