from hypothesis import given
from hypothesis import strategies as st

from crumple.taxonomy import (
    BRANCHES,
    DAMAGES,
    ELSEWHERE,
    MERGE_SIDES,
    MERGE_TRUNK_TAILGATE,
    PARTS,
    PLACES,
    SIDELESS,
    mirror,
    side,
    sided,
    title,
    without_side,
)

WORDS = st.lists(st.sampled_from(["left", "right", "front", "back", "door", "cleft", "bright"]), min_size=1, max_size=5)


# The parts set's names, in the order of the first networks' classes.
FIRST_18 = (
    "back_bumper",
    "back_glass",
    "back_left_door",
    "back_left_light",
    "back_right_door",
    "back_right_light",
    "front_bumper",
    "front_glass",
    "front_left_door",
    "front_left_light",
    "front_right_door",
    "front_right_light",
    "hood",
    "left_mirror",
    "right_mirror",
    "tailgate",
    "trunk",
    "wheel",
)


def test_there_are_26_parts_3_places_elsewhere_and_8_damages_and_no_word_is_two_of_them():
    assert PARTS[:18] == FIRST_18 and len(PARTS) == 26
    assert (*PARTS, "interior", "engine_bay", "underbody") == PLACES == (*PARTS, *ELSEWHERE)
    assert len(DAMAGES) == 8
    assert len({*PLACES, *DAMAGES}) == 37


def test_the_branches_outline_parts_and_damage_and_no_place_elsewhere():
    assert BRANCHES == {"parts": PARTS, "damage": DAMAGES}


def test_the_mirror_permutes_the_places_and_leaves_damage_alone():
    assert {mirror(name) for name in PARTS} == set(PARTS)
    assert all(mirror(mirror(name)) == name for name in PLACES)
    assert mirror("front_left_door") == "front_right_door"
    assert mirror("right_mirror") == "left_mirror"
    assert mirror("left_quarter_panel") == "right_quarter_panel"
    assert mirror("right_fender") == "left_fender"
    assert sum(mirror(name) != name for name in PARTS) == 16
    assert all(mirror(name) == name for name in (*ELSEWHERE, *SIDELESS, *DAMAGES))


@given(WORDS)
def test_the_mirror_is_its_own_inverse_and_turns_the_side(words):
    name = "_".join(words)
    assert mirror(mirror(name)) == name
    assert side(mirror(name)) == {"left": "right", "right": "left", None: None}[side(name)]
    assert (mirror(name) == name) == (side(name) is None)


def test_a_side_is_a_whole_word():
    assert side("back_left_light") == "left"
    assert side("right_mirror") == "right"
    assert side("bright_trim") is None and mirror("bright_trim") == "bright_trim"


def test_titles_read_as_a_person_writes():
    assert title("front_left_door") == "front left door"
    assert title("left_quarter_panel") == "left quarter panel"
    assert title("engine_bay") == "engine bay"
    assert title("front_door") == "front door"
    assert title("hood") == "hood"
    assert len({title(name) for name in (*PLACES, *SIDELESS, *DAMAGES)}) == len(PLACES) + len(SIDELESS) + len(DAMAGES)


def test_a_name_without_its_side_means_both_sides():
    assert SIDELESS == (
        "back_door",
        "back_light",
        "front_door",
        "front_light",
        "mirror",
        "fender",
        "quarter_panel",
        "sill",
    )
    assert sided("front_door") == ("front_left_door", "front_right_door")
    assert sided("quarter_panel") == ("left_quarter_panel", "right_quarter_panel")
    for name in SIDELESS:
        left, right = sided(name)
        assert side(left) == "left" and right == mirror(left) and without_side(left) == without_side(right) == name


def test_a_name_with_a_side_or_of_no_side_means_itself_and_another_name_nothing():
    assert all(sided(name) == (name,) for name in PLACES)
    assert sided("door") == sided("spoiler") == sided("scratch") == sided("") == ()


def test_merging_sides_forgets_the_side_and_nothing_else():
    assert tuple(MERGE_SIDES) == PLACES
    assert MERGE_SIDES["front_left_door"] == MERGE_SIDES["front_right_door"] == "front_door"
    assert MERGE_SIDES["left_sill"] == MERGE_SIDES["right_sill"] == "sill"
    assert MERGE_SIDES["front_left_door"] != MERGE_SIDES["back_left_door"]
    assert all(MERGE_SIDES[name] == MERGE_SIDES[mirror(name)] for name in PLACES)
    assert len(set(MERGE_SIDES.values())) == 21


def test_merging_trunk_and_tailgate_merges_only_them():
    assert tuple(MERGE_TRUNK_TAILGATE) == PLACES
    assert MERGE_TRUNK_TAILGATE["trunk"] == MERGE_TRUNK_TAILGATE["tailgate"]
    assert len(set(MERGE_TRUNK_TAILGATE.values())) == 28
    assert all(MERGE_TRUNK_TAILGATE[name] == name for name in PLACES if name not in ("trunk", "tailgate"))
