from dataclasses import replace

from crumple.dataset.instances import NamedPlace
from crumple.evaluate.places.truth import place_truth
from tests.evaluate.judged_photos import judged, names, placed
from tests.evaluate.squares import region

HOOD, DOOR = region((0, 0, 30, 40), label="hood"), region((30, 0, 60, 40), label="front_left_door")


def test_place_labels_say_where_damages_lie_with_both_lids_as_one():
    damage = [region(0), region(20, label="scratch"), region(40, label="airbag_deployed"), region(60)]
    photo = placed(damage=damage, on=["trunk+back_bumper?", "", None, "tailgate?+trunk"], visible="trunk back_glass?")
    truth = place_truth(photo)
    assert truth.on == (names("trunk_or_tailgate+back_bumper?"), (), None, (NamedPlace("trunk_or_tailgate", True),))
    assert truth.visible == names("trunk_or_tailgate back_glass?")
    assert [truth.heard(name) for name in ("tailgate", "hood", "front_door")] == [
        "trunk_or_tailgate",
        "hood",
        "front_door",
    ]


def test_without_labels_outlines_say_it():
    # A third of the second damage is on the hood; the third is on no drawn part.
    damage = [region(0), region((27, 0, 36, 10)), region(80), region(5, label="airbag_deployed"), region(0, crowd=True)]
    truth = place_truth(judged(parts=[HOOD, DOOR], damage=damage))
    assert truth.on == (names("hood"), names("front_left_door+hood"), (), None, names("hood?"))
    assert truth.visible == names("hood front_left_door")
    assert truth.heard("trunk") == "trunk_or_tailgate"


def test_what_the_set_of_the_parts_does_not_draw_is_not_heard():
    photo = judged(parts=[HOOD], damage=[region(0)])
    classes = {"parts": frozenset({"hood", "door", "trunk"})}
    coarser = {"front_left_door": "door", "front_right_door": "door", "left_mirror": None}
    truth = place_truth(replace(photo, truth=replace(photo.truth, classes=classes, coarser=coarser)))
    heard = [truth.heard(name) for name in ("hood", "front_left_door", "left_mirror", "left_fender", "trunk")]
    assert heard == ["hood", "door", None, None, "trunk_or_tailgate"]


def test_photos_of_which_nobody_has_named_the_places():
    assert place_truth(judged(damage=[region(0)])) is None
    assert place_truth(judged(parts=[HOOD], undamaged=True)) is None
    assert place_truth(judged(parts=[HOOD], damage=[region(0)], found_branches=("parts",))) is None
