"""One reading of a photo: parts, what is seen, damages and their places, from made-up outputs."""

import pytest

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.detect.reading import LikelyPlace, ListedPart, VisiblePlace, read_photo_parts
from tests.detect.boxes import outlined, photo_parts

# What the head says is the probability; an outline under all of the damage multiplies the odds by e^2.
PLACES = PlaceCalibration(offset=0, head=1, outline=2, seen=0, name_from=0.2, second_from=0.5, side_from=0.6)
SEEN = SeenCalibration(offset=0, head=1, outline=2, list_from=0.5)

DENT = (10, 10, 30, 30)
LEFT_DOOR = outlined("front_left_door", (0, 0, 100, 100), 1.0)


def read(parts, damages, seen=None, places=PLACES, calibration=SEEN):
    return read_photo_parts(parts, damages, photo_parts(seen or {}), places, calibration)


def dent(places, box=DENT, label="dent"):
    return outlined(label, box, places=places)


def on(reading, i=0):
    return [(place.name, pytest.approx(place.probability, abs=0.006)) for place in reading.places[i]]


def approximately(value):
    return pytest.approx(value, abs=0.006)


def test_a_close_up_is_placed_by_its_surroundings():
    reading = read([], [dent({"left_fender": 0.8, "hood": 0.3})], {"left_fender": 0.9, "hood": 0.4})
    [[place]] = reading.places
    assert place == LikelyPlace("left_fender", approximately(0.8), ("surroundings",))
    assert reading.parts == () and reading.damages == (0,)
    assert reading.visible == (VisiblePlace("left_fender", approximately(0.9)),)


def test_an_outline_under_the_damage_adds_to_what_the_head_says():
    reading = read([LEFT_DOOR], [dent({"front_left_door": 0.5})], {"front_left_door": 0.9})
    [[place]] = reading.places
    assert place.name == "front_left_door" and place.part == 0
    assert place.probability == approximately(0.88)  # odds of e^2 = 7.4
    assert place.known_by == ("outline", "surroundings")
    assert place.share_of_damage == 1 and place.share_of_part == pytest.approx(400 / 10_000)
    assert reading.parts == (ListedPart(0, "front_left_door", True),)
    assert reading.visible[0].part == 0


def test_an_outline_alone_names_the_place():
    reading = read([LEFT_DOOR], [dent({"front_left_door": 0.2})], {"front_left_door": 0.9})
    assert reading.places[0][0].known_by == ("outline",)
    assert on(reading) == [("front_left_door", 0.65)]


def test_too_little_of_it_on_an_outline_is_the_rim_of_a_neighbour():
    beside = outlined("hood", (28, 10, 100, 100), 1.0)  # a tenth of the dent is 2 columns of it
    assert read([beside], [dent({"hood": 0.6})], {"hood": 0.9}).places[0][0].part == 0
    further = outlined("hood", (29, 10, 100, 100), 1.0)
    [[place]] = read([further], [dent({"hood": 0.6})], {"hood": 0.9}).places
    assert (place.part, place.share_of_damage, place.known_by) == (None, None, ("surroundings",))


def test_nothing_probable_is_not_identified():
    assert read([], [dent({"hood": 0.15, "left_fender": 0.1})]).places == ((),)


def test_a_second_place_is_named_where_it_is_probable():
    assert on(read([], [dent({"hood": 0.9, "left_fender": 0.6})])) == [("hood", 0.9), ("left_fender", 0.6)]
    assert on(read([], [dent({"hood": 0.9, "left_fender": 0.45})])) == [("hood", 0.9)]


def test_a_side_that_cannot_be_told_is_not_named():
    reading = read([], [dent({"left_fender": 0.4, "right_fender": 0.45})], {"left_fender": 0.6, "right_fender": 0.6})
    assert on(reading) == [("fender", 0.85)]
    assert reading.places[0][0].known_by == ("surroundings",)
    assert [(place.name, place.part) for place in reading.visible] == [("fender", None)]


def test_an_outline_tells_the_side():
    fender = outlined("right_fender", (0, 0, 50, 50), 1.0)
    reading = read([fender], [dent({"left_fender": 0.4, "right_fender": 0.45})])
    assert [place.name for place in reading.places[0]] == ["right_fender"]


def test_findings_of_one_photo_agree_on_its_side():
    sure = dent({"front_left_door": 0.9})
    unsure = dent({"left_fender": 0.4, "right_fender": 0.45}, (60, 60, 80, 80))
    reading = read([], [sure, unsure], {"front_left_door": 0.9})
    assert [on(reading, i)[0][0] for i in (0, 1)] == ["front_left_door", "left_fender"]


def test_headlamps_keep_their_own_sides():
    left = dent({"front_left_light": 0.9}, label="lamp_damage")
    right = dent({"front_right_light": 0.8}, (60, 60, 80, 80), "lamp_damage")
    reading = read([], [left, right], {"front_left_light": 0.9, "front_right_light": 0.9, "left_fender": 0.9})
    assert [on(reading, i) for i in (0, 1)] == [[("front_left_light", 0.9)], [("front_right_light", 0.8)]]
    assert {place.name for place in reading.visible} == {"front_left_light", "front_right_light", "left_fender"}


def test_trunk_and_tailgate_are_one_lid():
    reading = read([], [dent({"trunk": 0.4, "tailgate": 0.5})], {"trunk": 0.4, "tailgate": 0.3})
    assert on(reading) == [("tailgate", 0.9)]
    assert [place.name for place in reading.visible] == ["trunk"]


def test_an_outline_on_the_wrong_side_gets_the_photos_side():
    wrong = outlined("front_right_door", (0, 0, 100, 100), 0.5)
    reading = read([wrong], [dent({"front_left_door": 0.9})], {"front_left_door": 0.95, "left_fender": 0.9})
    assert reading.parts == (ListedPart(0, "front_left_door", True),)
    [[place]] = reading.places
    assert (place.name, place.part, place.known_by) == ("front_left_door", 0, ("outline", "surroundings"))


def test_each_sided_part_is_listed_once_and_wheels_as_often_as_they_are_there():
    parts = [
        LEFT_DOOR,
        outlined("front_left_door", (200, 0, 300, 100), 0.9),
        outlined("front_right_door", (400, 0, 500, 100), 0.8),
        outlined("wheel", (0, 200, 50, 250), 0.9),
        outlined("wheel", (200, 200, 250, 250), 0.9),
    ]
    reading = read(parts, [], {"front_left_door": 0.99, "wheel": 0.9})
    assert [(part.part, part.name) for part in reading.parts] == [(0, "front_left_door"), (3, "wheel"), (4, "wheel")]
    assert [place.part for place in reading.visible] == [3, 0]  # the more probable first


def test_a_second_name_for_one_outline_is_not_listed():
    twin = outlined("trunk", (0, 0, 100, 98), 0.6)
    hood = outlined("hood", (0, 0, 100, 100), 0.9)
    assert [part.name for part in read([hood, twin], [], {"hood": 0.9, "trunk": 0.5}).parts] == ["hood"]


def test_an_outline_of_what_the_photo_hardly_shows_is_not_listed():
    hood = outlined("hood", (0, 0, 100, 100), 0.5)
    assert [part.name for part in read([hood], [], {"hood": 0.3}).parts] == ["hood"]  # odds of 3 / 7 times e
    reading = read([hood], [dent({"left_fender": 0.8})], {"hood": 0.2, "left_fender": 0.9})
    assert reading.parts == ()
    assert [place.name for place in reading.visible] == ["left_fender"]


def test_airbags_and_bent_hoods_are_where_they_always_are():
    airbag = dent({"hood": 0.9}, label="airbag_deployed")
    bent = dent({"left_fender": 0.7, "hood": 0.1}, (40, 40, 80, 80), "hood_damage")
    hood = outlined("hood", (35, 35, 95, 95), 0.9)
    reading = read([hood], [airbag, bent], {"hood": 0.9, "left_fender": 0.8})
    assert reading.places[0] == (LikelyPlace("interior", 1.0, ("damage",)),)
    first, second = reading.places[1]
    assert (first.name, first.probability, first.known_by, first.part) == ("hood", 1.0, ("damage", "outline"), 0)
    assert second.name == "left_fender"


def test_inside_the_vehicle_is_a_place():
    assert on(read([], [dent({"interior": 0.9})])) == [("interior", 0.9)]


def test_nested_findings_are_told_once_by_their_places():
    bent = dent({"hood": 0.9}, (0, 0, 100, 100), "hood_damage")
    within = dent({"hood": 0.8})
    elsewhere = dent({"left_fender": 0.8}, (50, 50, 60, 60))
    reading = read([], [within, bent, elsewhere], {"hood": 0.9})
    assert reading.damages == (1, 2)
    assert [place[0].name for place in reading.places] == ["hood", "left_fender"]


def test_a_model_that_is_not_calibrated_tells_no_probabilities():
    parts = [LEFT_DOOR]
    reading = read(parts, [dent({"front_left_door": 0.9})], {"front_left_door": 0.9}, places=None, calibration=None)
    [[place]] = reading.places
    assert (place.name, place.probability, place.known_by) == ("front_left_door", None, ("outline", "surroundings"))
    assert reading.visible == (VisiblePlace("front_left_door", None, 0),)


def without_heads(parts, *damages):
    return read_photo_parts(parts, damages, None, None, None)


def test_without_place_heads_outlines_alone_tell():
    lamp = outlined("front_left_light", (90, 0, 120, 40), 0.9)
    reading = without_heads([LEFT_DOOR, lamp], outlined("dent", DENT), outlined("dent", (300, 0, 320, 20)))
    [place], none = reading.places
    assert (place.name, place.probability, place.known_by) == ("front_left_door", None, ("outline",))
    assert (place.part, place.share_of_damage, place.share_of_part) == (0, 1, 0.04)
    assert none == ()
    assert [part.name for part in reading.parts] == ["front_left_door", "front_left_light"]
    names = {"front_left_door": 0, "front_left_light": 1}
    assert reading.visible == tuple(VisiblePlace(name, None, part) for name, part in names.items())


def test_without_place_heads_most_of_the_damage_names_the_part():
    back = outlined("back_left_door", (100, 0, 200, 100), 1.0)
    reading = without_heads([LEFT_DOOR, back], outlined("dent", (80, 0, 130, 20)), outlined("dent", (60, 50, 140, 60)))
    # 60 % on the back door; then half on each.
    assert [[place.name for place in places] for places in reading.places] == [
        ["back_left_door"],
        ["front_left_door", "back_left_door"],
    ]


def test_without_place_heads_too_little_of_it_on_a_part_is_no_place():
    assert without_heads([outlined("hood", (29, 0, 99, 99), 0.9)], outlined("dent", DENT)).places == ((),)


def test_without_place_heads_the_sides_of_outlines_that_contradict_each_other_are_not_told():
    other = outlined("back_right_door", (100, 0, 200, 100), 1.0)
    reading = without_heads([LEFT_DOOR, other], outlined("dent", DENT))
    assert [part.side_known for part in reading.parts] == [False, False]
    assert [place.name for place in reading.places[0]] == ["front_door"]
    assert reading.places[0][0].part == 0
    assert [place.name for place in reading.visible] == ["front_door", "back_door"]
