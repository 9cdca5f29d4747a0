"""Joining findings into damages: the constraints, and that order does not matter."""

import numpy as np
import pytest

from crumple.case.joining import Joined, Observation, PhotoEvidence, join
from crumple.detect.masks import Patch

PHOTO = PhotoEvidence(640, 480)


def seen(photo: int, damage: str = "dent", places=None, box=(100, 100, 200, 160)) -> Observation:
    left, top, right, bottom = box
    patch = Patch.from_bitmap(np.ones((bottom - top, right - left), bool), left, top)
    return Observation(photo, damage, box, patch, places or {})


def test_no_findings_are_no_damages() -> None:
    assert join([], [PHOTO]) == Joined((), (), {})


def test_one_finding_is_one_damage() -> None:
    assert join([seen(0)], [PHOTO]).groups == ((0,),)


def test_never_across_sides() -> None:
    found = [seen(0, places={"front_left_door": 0.9}), seen(1, places={"front_right_door": 0.9})]
    joined = join(found, [PHOTO] * 2)
    assert joined.groups == ((0,), (1,))
    assert joined.maybe_same == ()
    assert joined.pairs == {}


def test_types_that_contradict_are_two() -> None:
    found = [seen(0, "glass_crack", {"front_glass": 0.9}), seen(1, "scratch", {"front_glass": 0.9})]
    assert join(found, [PHOTO] * 2).groups == ((0,), (1,))


def test_two_findings_of_one_photo_are_two_damages() -> None:
    door = {"front_left_door": 0.95}
    found = [seen(0, places=door), seen(0, places=door, box=(300, 100, 400, 160)), seen(1, places=door)]
    groups = join(found, [PHOTO] * 2).groups
    assert not any({0, 1} <= set(group) for group in groups)


@pytest.mark.parametrize("order", [[2, 1, 0, 3], [3, 0, 1, 2]])
def test_order_does_not_matter(order: list[int]) -> None:
    found = [
        seen(0, places={"hood": 0.9}),
        seen(1, places={"hood": 0.8}, box=(50, 60, 90, 100)),
        seen(2, "scratch", {"hood": 0.7}),
        seen(3, places={"back_bumper": 0.9}),
    ]
    groups = join(found, [PHOTO] * 4).groups
    moved = join([found[i] for i in order], [PHOTO] * 4).groups
    assert {frozenset(order[i] for i in group) for group in moved} == set(map(frozenset, groups))
