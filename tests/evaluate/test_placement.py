import pytest

from crumple.evaluate.placement import Misplacement, placement
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region

LEFT_DOOR, HOOD = region((0, 0, 30, 40), label="front_left_door"), region((30, 0, 60, 40), label="hood")
COARSER = {
    "front_left_door": "door",
    "front_right_door": "door",
    "left_mirror": None,
}


def found(region_, score, label=None):
    return region(tuple(int(v) for v in region_.box), score, label or region_.label)


def same(*damages):
    return [found(one, 0.9) for one in damages]


def test_each_damage_that_was_found_goes_to_the_part_it_lies_on_most():
    on_door, on_hood, elsewhere, missed = region(0), region(40), region(80), region((0, 20, 10, 30))
    photo = judged(
        parts=[LEFT_DOOR, HOOD],
        damage=[on_door, on_hood, elsewhere, missed],
        found_damage=[*same(on_door, on_hood, elsewhere), region((50, 20, 60, 30), 0.9)],  # the last a false alarm
        found_parts=[found(LEFT_DOOR, 0.9), found(HOOD, 0.8, "front_bumper")],
    )
    result = placement([photo], {}, {})
    assert (result.photos, result.sets, result.damages, result.found) == (1, ("parts_set",), 4, 3)
    assert (result.on_no_part, result.judged, result.right, result.accuracy) == (1, 2, 1, 0.5)
    assert result.misplaced == (Misplacement(drawn="hood", found="front_bumper", damages=1),)


def test_the_second_part_that_a_finding_names_is_named_but_not_right():
    damage = region((24, 0, 40, 10))  # 6 columns on the door, 10 on the hood
    photo = judged(
        parts=[LEFT_DOOR, HOOD],
        damage=[damage],
        found_damage=same(damage),
        found_parts=[region((0, 0, 35, 40), 0.9, "front_left_door"), region((35, 0, 60, 40), 0.8, "hood")],
    )
    result = placement([photo], {}, {})
    assert (result.accuracy, result.named) == (0.0, 1.0)
    assert result.misplaced == (Misplacement(drawn="hood", found="front_left_door", damages=1),)


def test_a_damage_put_on_no_part_is_wrong_and_the_most_frequent_comes_first():
    damages = [region(0), region(12), region(40)]
    photo = judged(
        parts=[LEFT_DOOR, HOOD],
        damage=damages,
        found_damage=same(*damages),
        found_parts=[found(LEFT_DOOR, 0.3), found(HOOD, 0.9, "front_glass")],
    )
    result = placement([photo], {"front_left_door": 0.5}, {})
    assert (result.right, result.accuracy, result.named) == (0, 0.0, 0.0)
    assert [(row.drawn, row.found, row.damages) for row in result.misplaced] == [
        ("front_left_door", None, 2),
        ("hood", "front_glass", 1),
    ]


def test_damage_of_another_class_below_its_score_or_on_a_crowd_is_not_found():
    damages = [region(0), region(12), region((40, 0, 60, 10), crowd=True)]
    seen = [found(damages[0], 0.9, "scratch"), found(damages[1], 0.4), region(45, 0.9)]
    photo = judged(parts=[LEFT_DOOR, HOOD], damage=damages, found_damage=seen, found_parts=[found(LEFT_DOOR, 0.9)])
    result = placement([photo], {}, {"dent": 0.5})
    assert (result.damages, result.found, result.judged) == (2, 0, 0)
    assert (result.accuracy, result.named, result.misplaced) == (None, None, ())


def test_both_sides_take_the_coarser_names_of_the_set():
    damage = region(0)
    photo = judged(
        parts=[found(LEFT_DOOR, 1.0, "door")],
        damage=[damage],
        found_damage=same(damage),
        # The mirror is the smaller part that holds all of it, but the set draws no mirrors.
        found_parts=[found(LEFT_DOOR, 0.9, "front_right_door"), region((0, 0, 12, 12), 0.8, "left_mirror")],
    )
    assert placement([photo], {}, {}).misplaced == (Misplacement(drawn="door", found="left_mirror", damages=1),)
    assert placement([photo], {}, {}, {"another_set": COARSER}).accuracy == 0.0
    assert placement([photo], {}, {}, {"parts_set": COARSER}).accuracy == 1.0


def test_photos_with_one_kind_of_labels_say_nothing():
    only_parts = judged(parts=[HOOD], undamaged=True, found_damage=[region(40, 0.9)])
    only_damage = judged(damage=[region(0)], found_damage=[region(0, 0.9)])
    assert placement([only_parts, only_damage], {}, {}) is None
    assert placement([], {}, {}) is None
    both = {"parts": [HOOD], "damage": [region(40)]}
    assert placement([judged(**both, found_branches=("damage",))], {}, {}) is None  # a model that knows no parts
    assert placement([judged(**both), only_parts], {}, {}).photos == 1


def test_nothing_drawn_or_found_on_photos_with_both():
    result = placement([judged(parts=[], damage=[]), judged(parts=[HOOD], damage=[region(40)])], {}, {})
    assert (result.photos, result.damages, result.found, result.accuracy) == (2, 1, 0, None)


def test_accuracy_over_several_photos_and_sets():
    damage = region(40)
    right = judged(parts=[HOOD], damage=[damage], found_damage=same(damage), found_parts=[found(HOOD, 0.9)])
    wrong = judged(
        parts=[HOOD], damage=[damage], found_damage=same(damage), sets={"parts": "other", "damage": "damage_set"}
    )
    result = placement([right, wrong, right], {}, {})
    assert (result.accuracy, result.sets) == (pytest.approx(2 / 3), ("parts_set", "other"))
