import numpy as np
import pytest

from crumple.detect.fusion import distinct, overlaps
from crumple.detect.masks import Patch


def rectangle(left, top, right, bottom):
    return Patch.from_bitmap(np.ones((bottom - top, right - left), bool), left, top)


def test_shares_of_damage_and_of_part():
    damage, door = rectangle(10, 10, 20, 20), rectangle(15, 0, 115, 20)
    (overlap,) = overlaps(damage, [rectangle(200, 200, 210, 210), door])
    assert overlap.part == 1
    assert overlap.share_of_damage == 50 / 100
    assert overlap.share_of_part == 50 / 2000


def test_most_of_the_damage_first_and_rims_left_out():
    damage = rectangle(0, 0, 100, 10)
    parts = [rectangle(0, 0, 30, 10), rectangle(30, 0, 91, 10), rectangle(91, 0, 200, 10)]
    assert [(o.part, o.share_of_damage) for o in overlaps(damage, parts)] == [(1, 0.61), (0, 0.3)]


def test_the_smaller_of_two_parts_that_both_hold_it_comes_first():
    damage = rectangle(10, 10, 20, 20)
    bumper, lamp = rectangle(0, 0, 100, 50), rectangle(8, 8, 24, 24)
    assert [o.part for o in overlaps(damage, [bumper, lamp])] == [1, 0]


def test_damage_on_no_part():
    assert overlaps(rectangle(0, 0, 5, 5), [rectangle(50, 50, 60, 60)]) == []
    assert overlaps(rectangle(0, 0, 5, 5), []) == []


def test_equals_the_full_masks():
    rng = np.random.default_rng(0)
    for _ in range(30):
        damage, part = (
            Patch.from_bitmap(rng.random((8, 9)) > 0.5, *map(int, rng.integers(0, 20, 2))) for _ in range(2)
        )
        a, b = damage.on_photo(40, 40), part.on_photo(40, 40)
        expected = (a & b).sum() / a.sum()
        found = overlaps(damage, [part])
        if expected >= 0.1:
            assert found[0].share_of_damage == pytest.approx(expected)
            assert found[0].share_of_part == pytest.approx((a & b).sum() / b.sum())
        else:
            assert found == []


def test_distinct_keeps_the_better_of_two_names_for_one_thing():
    door, same_door, other = rectangle(0, 0, 100, 100), rectangle(3, 3, 100, 100), rectangle(60, 0, 160, 100)
    assert distinct([door, same_door, other]) == [0, 2]
    assert distinct([]) == []
