"""The checks that look at one photo's labels alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crumple.detect.masks import Patch
from crumple.label.annotations import LabelledObject
from crumple.label.check.duplicates import check_duplicates
from crumple.label.check.outlines import check_outlines, crosses_itself
from crumple.label.check.placed import Placed, pairs_by_overlap, place
from crumple.label.check.sides import BEARING, check_sides
from crumple.label.check.vehicle import check_vehicle, find_vehicle
from crumple.label.shapes import Shape
from crumple.taxonomy import PARTS, mirror, side
from tests.label.labels import HEIGHT, WIDTH, box, photo


def polygon(label: str, *points: tuple[float, float]) -> LabelledObject:
    return LabelledObject(label, Shape((np.array(points, float),)))


def outlines(*objects: LabelledObject):
    one = photo(*objects)
    return list(check_outlines(one, place(one.objects, HEIGHT, WIDTH)))


def test_a_bow_tie_crosses_itself_and_a_star_outline_does_not():
    (item,) = outlines(polygon("dent", (10, 10), (50, 50), (50, 10), (10, 50)), box("hood", 60, 10, 90, 40))
    assert (item.kind, item.annotation_ids, item.box) == ("self_intersection", [1], (10, 10, 50, 50))
    assert item.score == pytest.approx(1.0, abs=0.01), "the halves of a bow tie cancel out"
    assert not outlines(polygon("dent", (10, 10), (30, 25), (50, 10), (40, 40), (20, 40)))


def test_a_loop_of_the_hand_at_a_corner_is_not_worth_a_look():
    large = [(10, 10), (90, 10), (90, 90), (10, 90)]
    assert not outlines(polygon("hood", *large, (10, 12), (9.7, 12), (10.2, 11)))
    (item,) = outlines(polygon("hood", *large, (10, 40), (60, 40), (60, 60), (5, 20)))
    assert item.kind == "self_intersection" and 0.4 < item.score < 1


@settings(max_examples=50, deadline=None)
@given(
    radii=st.lists(st.floats(1, 50), min_size=3, max_size=12),
    turn=st.floats(0, 6),
    shift=st.integers(0, 11),
)
def test_a_star_shaped_outline_never_crosses_itself_and_two_swapped_corners_make_it(radii, turn, shift):
    angles = turn + np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    star = np.array(radii)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert not crosses_itself(np.roll(star, shift, axis=0))
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10.0]]) + turn
    assert crosses_itself(np.roll(square, shift, axis=0)[[0, 2, 1, 3]])


def test_tiny_and_off_image_objects():
    items = {item.annotation_ids[0]: item for item in outlines(
        box("scratch", 10, 10, 13, 13), box("dent", 180, 10, 220, 30), box("dent", 300, 10, 320, 30),
        box("hood", -1.5, 0, 50, 50),
    )}  # fmt: skip
    assert {number: item.kind for number, item in items.items()} == {1: "tiny", 2: "off_image", 3: "off_image"}
    assert items[2].score == 0.75 and items[3].score == 1, "the more of it is off, the surer"
    assert "50% of it" in items[2].text and "all of it" in items[3].text


def test_objects_drawn_twice():
    one = photo(
        box("dent", 10, 10, 50, 50),
        box("dent", 11, 10, 51, 50),
        box("scratch", 10, 10, 50, 50),
        box("hood", 100, 10, 150, 60),
        box("trunk", 100, 11, 150, 60),
        box("dent", 120, 60, 160, 90),
    )
    items = list(check_duplicates(one, place(one.objects, HEIGHT, WIDTH)))
    # A scratch may lie in a dent, but a hood is no trunk.
    assert [(item.kind, item.annotation_ids) for item in items] == [("duplicate", [4, 5]), ("duplicate", [1, 2])]
    assert items[1].score == pytest.approx(39 / 41, abs=0.01)
    assert items[0].text.startswith("Drawn as hood and as trunk too")


# From left to right: a car seen from the front and its left side, from behind and its right side, from the front.
LEFT_VIEW = ["front_right_light", "front_bumper", "front_left_light", "front_left_door", "back_left_door"]
RIGHT_VIEW = ["back_left_light", "back_bumper", "back_right_light", "back_right_door", "front_right_door"]
FRONT_VIEW = ["front_right_light", "front_bumper", "front_left_light"]
LEFT_PANELS = ["grille", "left_fender", "front_left_door", "back_left_door", "left_quarter_panel"]
BACK_PANELS = ["left_quarter_panel", "back_bumper", "right_quarter_panel", "right_sill", "right_fender"]
VIEWS = [LEFT_VIEW, RIGHT_VIEW, FRONT_VIEW, LEFT_PANELS, BACK_PANELS]


def test_every_part_with_a_side_has_a_bearing_but_mirrors():
    sided = {name for name in PARTS if side(name)}
    assert {name for name in BEARING if side(name)} == sided - {"left_mirror", "right_mirror"}
    assert all(BEARING[mirror(name)] == -degrees % 360 for name, degrees in BEARING.items())


def sides(labels: list[str]):
    objects = [box(label, 5 + 30 * i, 20, 30 + 30 * i, 60) for i, label in enumerate(labels)]
    one = photo(*objects)
    return list(check_sides(one, place(one.objects, HEIGHT, WIDTH)))


@pytest.mark.parametrize("view", [*VIEWS, ["hood", "wheel"], ["front_left_door"], []])
def test_true_views_are_not_flagged(view):
    assert not sides(view)


@pytest.mark.parametrize("view", VIEWS)
def test_a_mirrored_photo_is_flagged_as_a_whole(view):
    (item,) = sides(view[::-1])
    assert item.kind == "wrong_side" and item.box is None and "mirrored" in item.text
    assert item.annotation_ids == [i for i, name in enumerate(view[::-1], start=1) if side(name)]
    assert sides([mirror(name) for name in view]), "sides taken for those of the picture are the same mistake"


@pytest.mark.parametrize("view", [LEFT_VIEW, RIGHT_VIEW])
@pytest.mark.parametrize("wrong", [3, 4])
def test_one_door_of_the_wrong_side_is_named(view, wrong):
    labels = [mirror(name) if i == wrong else name for i, name in enumerate(view)]
    (item,) = sides(labels)
    assert item.annotation_ids == [wrong + 1] and item.score > 0.5
    assert f"looks like the {view[wrong].replace('_', ' ')}" in item.text


def test_a_light_of_the_wrong_side_makes_two_of_one_name():
    (item,) = sides(["front_left_light", *LEFT_VIEW[1:]])
    assert item.annotation_ids == [1, 3] and "one is the front right light, unless there are two" in item.text


def test_two_vehicles_say_nothing():
    assert not sides([*FRONT_VIEW, *FRONT_VIEW])


def whole_car(*damages: LabelledObject):
    return photo(
        box("front_bumper", 60, 50, 90, 70), box("hood", 70, 30, 100, 50), box("wheel", 100, 50, 120, 70), *damages
    )


def off_vehicle(one, found=()):
    drawn = place(one.objects, HEIGHT, WIDTH)
    vehicle = find_vehicle(one, drawn, place(found, HEIGHT, WIDTH))
    return None if vehicle is None else list(check_vehicle(one, drawn, vehicle))


def test_damage_beside_the_vehicle_is_flagged_and_on_it_or_between_its_parts_is_not():
    one = whole_car(box("dent", 170, 5, 190, 20), box("scratch", 95, 50, 100, 60), box("airbag_deployed", 5, 5, 20, 20))
    (item,) = off_vehicle(one)
    assert (item.kind, item.annotation_ids, item.score) == ("damage_off_vehicle", [4], 0.9)


def test_with_too_few_parts_nobody_can_tell():
    assert off_vehicle(photo(box("hood", 70, 30, 100, 50), box("dent", 170, 5, 190, 20))) is None


def test_found_parts_count_if_they_spread_over_the_photo_and_are_doubted_more():
    one = photo(box("dent", 180, 2, 198, 12))
    near = [box("hood", 20, 10, 60, 50), box("wheel", 20, 60, 50, 95), box("front_bumper", 80, 40, 130, 95)]
    (item,) = off_vehicle(one, near)
    assert item.score == 0.5 and "as the model sees them" in item.text
    car_behind = [box("hood", 2, 2, 12, 12), box("wheel", 2, 12, 8, 18), box("front_bumper", 12, 10, 22, 18)]
    assert off_vehicle(one, car_behind) is None


def test_each_object_is_in_one_pair_and_the_largest_overlap_comes_first():
    mine = [Placed(o, o.shape.patch(HEIGHT, WIDTH)) for o in (box("dent", 0, 0, 10, 10), box("hood", 0, 0, 10, 8))]
    theirs = [Placed(o, o.shape.patch(HEIGHT, WIDTH)) for o in (box("hood", 0, 0, 10, 9), box("dent", 50, 50, 60, 60))]
    (pair,) = pairs_by_overlap(mine, theirs, 0.5)
    assert (pair[0].label, pair[1].label, round(pair[2], 2)) in [("dent", "hood", 0.9), ("hood", "hood", 0.89)]
    assert pair[2] == max(one.iou(theirs[0]) for one in mine)
    (same,) = pairs_by_overlap(mine, theirs, 0.5, same_label=True)
    assert same[0] is mine[1]
    assert pairs_by_overlap([], theirs, 0.0) == []
    assert Placed(mine[0].labelled, Patch(np.zeros(0, np.int64))).iou(theirs[0]) == 0
