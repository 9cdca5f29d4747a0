import numpy as np
import pytest

from crumple.assess import quality
from crumple.prepare.settings import Limits
from crumple.prepare.vehicle import find_vehicle, view
from crumple.taxonomy import mirror
from tests.fakes import Thing, fake_detector


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ({}, "none"),
        ({"wheel": 5}, "detail"),
        ({"hood": 5, "front_bumper": 4, "front_left_door": 1}, "front"),
        ({"hood": 5, "front_left_door": 4, "back_left_door": 2}, "front_left"),
        ({"back_right_door": 6, "trunk": 3, "back_bumper": 2}, "back_right"),
        ({"front_right_door": 6, "back_right_door": 5, "front_right_light": 1}, "right"),
        ({"front_left_door": 6, "front_right_door": 1}, "left"),
    ],
)
def test_views(areas, expected):
    assert view(areas) == expected
    flipped = {mirror(name): area for name, area in areas.items()}
    assert view(flipped) == mirror(expected)


def test_a_part_named_twice_counts_once():
    box = (20, 10, 120, 90)
    things = [Thing("parts", "front_left_door", box, 0.9), Thing("parts", "back_left_door", box, 0.8)]
    once, twice = (find_vehicle(np.zeros((100, 200, 3), np.uint8), fake_detector(t)) for t in (things[:1], things))
    assert once == twice and once.share == 0.4 and not once.damage


def test_limits_are_those_of_an_assessment():
    limits = Limits()
    assert limits.side == quality.MIN_SIDE and limits.brightness == quality.MIN_BRIGHTNESS
    assert limits.burnt == quality.MAX_BURNT_SHARE and limits.sharpness == quality.MIN_SHARPNESS
    assert limits.vehicle == quality.MIN_VEHICLE_SHARE
