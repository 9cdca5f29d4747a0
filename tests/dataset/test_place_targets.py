import numpy as np
import pytest

from crumple.dataset.affine import PhotoAffine
from crumple.dataset.instances import Instance, LabelledPhoto, NamedPlace, PhotoPlaces
from crumple.dataset.place_targets import UNSURE, clean_targets, damage_targets, parts_targets
from crumple.taxonomy import ELSEWHERE, PLACES

CANVAS = (100, 200)
WHOLE = PhotoAffine((200, 100), (200, 100), False, (0, 0))
FLIPPED = PhotoAffine((200, 100), (200, 100), True, (0, 0))
RIGHT_HALF = PhotoAffine((200, 100), (400, 200), False, (-200, 0))  # twice as large; x from 100, y up to 50


def place(name):
    return PLACES.index(name)


def rectangle(label, left, top, right, bottom, annotation=1):
    polygon = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
    return Instance(label, (polygon,), None, (left, top, right, bottom), False, annotation)


def photo(*instances, places=None, undrawn=()):
    return LabelledPhoto("x.jpg", "x.jpg", 1, 200, 100, None, instances, places, undrawn)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def claim():
    door, hood = rectangle("dent", 10, 10, 40, 40, 1), rectangle("scratch", 150, 10, 190, 30, 2)
    on = {
        1: (NamedPlace("front_left_door"), NamedPlace("left_sill", sure=False)),
        2: (NamedPlace("front_door"),),  # its side is not known
    }
    visible = (NamedPlace("front_left_door"), NamedPlace("left_sill"), NamedPlace("wheel", sure=False))
    return photo(door, hood, places=PhotoPlaces(on, visible))


def test_a_claim_photo(rng, claim):
    targets = damage_targets(rng, claim, WHOLE, CANVAS, PLACES)
    assert targets.boxes[0].tolist() == [10, 10, 40, 40] and targets.real[:2].tolist() == [1, 1]
    assert np.flatnonzero(targets.on[0]).tolist() == sorted([place("front_left_door"), place("left_sill")])
    assert targets.on_weight[0, place("front_left_door")] == 1 and targets.on_weight[0, place("left_sill")] == UNSURE
    assert targets.on_weight[0, place("hood")] == 1  # it is known not to be there
    # Nobody knows which front door, so neither counts; that it is no hood is known.
    assert not targets.on[1].any()
    doors = [place("front_left_door"), place("front_right_door")]
    assert targets.on_weight[1, doors].tolist() == [0, 0] and targets.on_weight[1, place("hood")] == 1
    assert np.flatnonzero(targets.seen).tolist() == sorted(map(place, ("front_left_door", "left_sill", "wheel")))
    assert targets.seen_weight[place("wheel")] == UNSURE and targets.seen_weight[place("roof")] == 1
    assert np.flatnonzero(targets.damaged).tolist() == sorted([place("front_left_door"), place("left_sill")])


def test_a_mirrored_photo_changes_sides(rng, claim):
    targets = damage_targets(rng, claim, FLIPPED, CANVAS, PLACES)
    assert targets.boxes[0].tolist() == [160, 10, 190, 40]
    assert np.flatnonzero(targets.on[0]).tolist() == sorted([place("front_right_door"), place("right_sill")])


def test_a_part_of_a_photo_says_less_of_what_it_shows(rng, claim):
    targets = damage_targets(rng, claim, RIGHT_HALF, CANVAS, PLACES)
    # The door's dent is out of view: the door may be too, and no damage can be seen on it.
    assert targets.real.sum() == 1 and targets.boxes[0].tolist() == [100, 20, 180, 60]
    assert targets.seen_weight[place("front_left_door")] == 0 and targets.seen_weight[place("roof")] == 1
    door = place("left_sill")
    assert (targets.damaged[door], targets.damaged_weight[door]) == (0, 1)


def test_boxes_without_damage_lie_apart_from_what_is_drawn(rng, claim):
    targets = damage_targets(rng, claim, WHOLE, CANVAS, PLACES)
    empty = targets.boxes[(targets.real == 0) & (targets.real_weight > 0)]
    assert len(empty) and (targets.on_weight[2:] == 0).all()
    for left, top, right, bottom in empty:
        assert right <= 10 or left >= 40 or top >= 40 or bottom <= 10
        assert right <= 150 or left >= 190 or top >= 30 or bottom <= 10


def test_an_airbag_is_inside_the_vehicle(rng):
    targets = damage_targets(rng, photo(rectangle("airbag_deployed", 10, 10, 90, 90)), WHOLE, CANVAS, PLACES)
    assert np.flatnonzero(targets.on[0]).tolist() == [place("interior")]
    assert targets.seen[place("interior")] == 1 and targets.damaged[place("interior")] == 1


def test_a_clean_car(rng):
    targets = clean_targets(rng, CANVAS, PLACES)
    assert not targets.damaged.any() and (targets.damaged_weight == 1).all()
    assert np.flatnonzero(targets.seen_weight).tolist() == sorted(map(place, ELSEWHERE))
    boxes = targets.boxes[targets.real_weight > 0]
    assert len(boxes) and not targets.real.any()
    assert (boxes >= 0).all() and (boxes[:, 2] <= 200).all() and (boxes[:, 3] <= 100).all()


def test_parts_stand_for_damage_on_them(rng):
    parts = photo(rectangle("hood", 0, 0, 100, 100), rectangle("left_fender", 100, 0, 200, 100), undrawn=("roof",))
    known = {"hood", "left_fender", "roof", "wheel"}
    targets = parts_targets(rng, parts, FLIPPED, CANVAS, PLACES, known, undamaged=True)
    assert np.flatnonzero(targets.seen).tolist() == sorted([place("hood"), place("right_fender")])
    # The wheel is not there; the roof may be, and grilles are none of the set's business.
    assert [targets.seen_weight[place(name)] for name in ("wheel", "roof", "grille", "hood")] == [1, 0, 0, 1]
    for box, on, weight in zip(targets.boxes, targets.on, targets.on_weight, strict=True):
        if weight.any():
            fender = np.clip(100 - box[0], 0, box[2] - box[0]) / (box[2] - box[0])  # mirrored it lies on the left
            assert on[place("right_fender")] == (fender >= 0.2) or abs(fender - 0.2) < 0.15
            assert weight[place("grille")] == 0
    assert not targets.real.any() and targets.real_weight.any()


def test_trunk_and_tailgate_are_mixed_in_the_parts_set(rng):
    targets = parts_targets(
        rng, photo(rectangle("trunk", 0, 0, 200, 100)), WHOLE, CANVAS, PLACES, {"trunk", "tailgate"}, undamaged=False
    )
    assert [targets.seen_weight[place(name)] for name in ("trunk", "tailgate")] == [0, 0]
    assert not targets.damaged_weight.any()
