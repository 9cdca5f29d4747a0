import numpy as np

from crumple.assessment import quality
from crumple.prepare.photo.vehicle import find_vehicle
from crumple.prepare.settings import Limits
from tests.fakes import Thing, fake_detector


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
