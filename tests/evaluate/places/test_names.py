import pytest

from crumple.evaluate.places.names import JUDGED, agrees, in_order, judged, known_first, true_of
from crumple.taxonomy import PLACES


def test_both_lids_are_one_and_all_else_is_itself():
    assert judged("trunk") == judged("tailgate") == "trunk_or_tailgate"
    assert [judged(name) for name in PLACES if name not in ("trunk", "tailgate")] == [
        name for name in JUDGED if name != "trunk_or_tailgate"
    ]
    assert len(JUDGED) == 28


def test_names_are_listed_as_the_taxonomy_has_them_each_once():
    assert in_order(["sill", "hood", "interior", "door", "back_bumper", "hood"]) == [
        "back_bumper",
        "hood",
        "interior",
        "door",
        "sill",
    ]
    assert known_first(["rust", "dent", "scratch", "dent"]) == ["scratch", "dent", "rust"]


@pytest.mark.parametrize(
    ("said", "label", "agree", "true"),
    [
        ("hood", "hood", True, True),
        ("front_left_door", "front_door", True, True),  # the label does not know the side
        ("front_door", "front_left_door", False, True),  # true, and it does not find the door
        ("front_door", "front_door", True, True),
        ("front_right_door", "front_left_door", False, False),
        ("back_left_door", "front_door", False, False),
        ("front_bumper", "back_bumper", False, False),
        ("", "hood", False, False),
    ],
)
def test_what_a_label_says_decides(said, label, agree, true):
    assert agrees(said, label) == agree
    assert true_of(said, ["roof", label]) == true
    assert not true_of(said, [])
