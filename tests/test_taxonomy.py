from hypothesis import given
from hypothesis import strategies as st

from crumple.taxonomy import DAMAGES, MERGE_SIDES, MERGE_TRUNK_TAILGATE, PARTS, mirror, side, title

WORDS = st.lists(st.sampled_from(["left", "right", "front", "back", "door", "cleft", "bright"]), min_size=1, max_size=5)


def test_there_are_18_sorted_parts_and_8_damages_and_no_word_is_both():
    assert len(PARTS) == 18 and list(PARTS) == sorted(PARTS)
    assert len(DAMAGES) == 8
    assert len({*PARTS, *DAMAGES}) == 26


def test_the_mirror_permutes_the_parts_and_leaves_damage_alone():
    assert {mirror(name) for name in PARTS} == set(PARTS)
    assert mirror("front_left_door") == "front_right_door"
    assert mirror("right_mirror") == "left_mirror"
    assert sum(mirror(name) != name for name in PARTS) == 10
    assert all(mirror(name) == name for name in DAMAGES)


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
    assert title("hood") == "hood"


def test_merging_sides_forgets_the_side_and_nothing_else():
    assert set(MERGE_SIDES) == set(PARTS)
    assert MERGE_SIDES["front_left_door"] == MERGE_SIDES["front_right_door"] == "front_door"
    assert MERGE_SIDES["front_left_door"] != MERGE_SIDES["back_left_door"]
    assert all(MERGE_SIDES[name] == MERGE_SIDES[mirror(name)] for name in PARTS)
    assert len(set(MERGE_SIDES.values())) == 13


def test_merging_trunk_and_tailgate_merges_only_them():
    assert MERGE_TRUNK_TAILGATE["trunk"] == MERGE_TRUNK_TAILGATE["tailgate"]
    assert len(set(MERGE_TRUNK_TAILGATE.values())) == 17
    assert all(MERGE_TRUNK_TAILGATE[name] == name for name in PARTS if name not in ("trunk", "tailgate"))
