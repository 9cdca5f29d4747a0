"""Left and right on one photo."""

import pytest

from crumple.detect.sides import facing, left_share, on_flank, settled

OPTIONS = {"side_from": 0.6, "both_from": 0.5}


def test_flanks_are_doors_fenders_quarter_panels_and_sills():
    flank = ("back_left_door", "right_fender", "left_quarter_panel", "right_sill")
    assert all(map(on_flank, flank))
    assert not any(map(on_flank, ("front_left_light", "left_mirror", "hood", "back_bumper", "front_door")))


def test_one_damage_has_its_own_share():
    assert left_share([{"left_fender": 0.6, "right_fender": 0.2, "hood": 0.9}]) == pytest.approx(0.75)


def test_nothing_on_a_flank_tells_nothing():
    assert left_share([]) == left_share([{"hood": 0.9, "front_left_light": 0.9}]) == 0.5


def test_votes_are_averaged_by_how_probably_it_is_either():
    # Odds of 9 with weight 1, and of 1/4 with weight 0.5: the logarithms' mean is (2 log 3 - log 2) / 1.5.
    share = left_share([{"left_fender": 0.9, "right_fender": 0.1}, {"front_left_door": 0.1, "front_right_door": 0.4}])
    odds = (9 * 0.25**0.5) ** (1 / 1.5)
    assert share == pytest.approx(odds / (1 + odds))
    both_sure = [{"left_fender": 0.9, "right_fender": 0.1}, {"left_sill": 0.1, "right_sill": 0.9}]
    assert left_share(both_sure) == pytest.approx(0.5)


def test_the_side_of_the_photo_goes_for_all_of_its_flank():
    chances = {"front_left_door": 0.2, "front_right_door": 0.6, "left_fender": 0.7, "right_fender": 0.0, "hood": 0.1}
    found = settled(chances, 0.9, **OPTIONS)
    assert found == {"hood": 0.1, "front_left_door": pytest.approx(0.72), "left_fender": pytest.approx(0.63)}
    assert settled({"left_fender": 0.7}, 0.1, **OPTIONS) == {"right_fender": pytest.approx(0.63)}


def test_a_side_that_cannot_be_told_goes_from_the_name():
    assert settled({"left_fender": 0.45, "right_fender": 0.4}, 0.55, **OPTIONS) == {"fender": pytest.approx(0.85)}
    assert settled({"left_sill": 0.7, "right_sill": 0.6}, 0.5, **OPTIONS) == {"sill": 1.0}


def test_lamps_and_mirrors_have_their_own_side():
    assert settled({"front_left_light": 0.3, "front_right_light": 0.6}, 1.0, **OPTIONS) == {"front_right_light": 0.6}
    unclear = settled({"left_mirror": 0.3, "right_mirror": 0.35}, 1.0, **OPTIONS)
    assert unclear == {"mirror": pytest.approx(0.65)}
    both = {"front_left_light": 0.9, "front_right_light": 0.6}
    assert settled(both, 0.5, **OPTIONS) == both


def test_trunk_and_tailgate_are_one_lid():
    assert settled({"trunk": 0.3, "tailgate": 0.5, "roof": 0.1}, 0.5, **OPTIONS) == {"tailgate": 0.8, "roof": 0.1}
    assert settled({"trunk": 0.7, "tailgate": 0.6}, 0.5, **OPTIONS) == {"trunk": 1.0}


def test_a_name_on_the_flank_that_is_seen():
    assert facing("front_right_door", 0.8) == "front_left_door"
    assert facing("front_left_door", 0.8) == "front_left_door"
    assert facing("left_sill", 0.2) == "right_sill"
    assert facing("front_right_light", 0.8) == "front_right_light" and facing("hood", 0.2) == "hood"
