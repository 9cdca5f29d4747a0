"""Nested findings are told once."""

import pytest

from crumple.detect.told_once import told_once
from tests.detect.boxes import outlined

LARGE, INSIDE, HALF = (0, 0, 100, 100), (10, 10, 40, 40), (60, 0, 140, 100)


def told(*things):
    """things: (label, box, place)"""
    damages = [outlined(label, box) for label, box, _ in things]
    return told_once(damages, [[place] if place else [] for *_, place in things])


@pytest.mark.parametrize("order", [1, -1])
def test_of_one_type_the_larger_is_told_whichever_is_surer(order):
    things = [("dent", LARGE, "hood"), ("dent", INSIDE, "hood")][::order]
    assert told(*things) == [things.index(("dent", LARGE, "hood"))]


def test_their_place_does_not_matter_nor_whether_it_is_known():
    assert told(("dent", INSIDE, "roof"), ("dent", LARGE, None)) == [1]


def test_what_only_overlaps_is_two():
    assert told(("dent", LARGE, "hood"), ("dent", HALF, "hood")) == [0, 1]


def test_other_types_on_the_same_area_are_two():
    assert told(("dent", LARGE, "hood"), ("scratch", INSIDE, "hood")) == [0, 1]


def test_near_types_on_the_same_place_are_one():
    assert told(("dent", INSIDE, "hood"), ("hood_damage", LARGE, "hood")) == [1]
    assert told(("lamp_damage", LARGE, "front_left_light"), ("broken_or_missing", INSIDE, "front_left_light")) == [0]


def test_a_lamp_in_a_broken_bumper_is_two():
    assert told(("broken_or_missing", LARGE, "front_bumper"), ("lamp_damage", INSIDE, "front_left_light")) == [0, 1]
    assert told(("broken_or_missing", LARGE, None), ("lamp_damage", INSIDE, None)) == [0, 1]


def test_several_in_one_and_the_order_given_is_kept():
    things = [
        ("dent", INSIDE, "hood"),
        ("scratch", INSIDE, "hood"),
        ("dent", LARGE, "hood"),
        ("dent", (50, 50, 60, 60), ""),
    ]
    assert told(*things) == [1, 2]
