"""A damage in words, from what several photos show of it."""

import pytest

from crumple.assessment.assessment import Assessment, Finding, Mask, Place
from crumple.assessment.places import place_title
from crumple.assessment.severity import Rules
from crumple.case.describing import Sight, describe_damage, ordered, photos_in_words
from tests.case.photos import HEIGHT, WIDTH, photo

RULES = Rules.load()
IDS = ["photo-1", "photo-2", "photo-3"]


def finding(
    on: dict[str, float | None],
    *,
    damage: str = "dent",
    severity: str = "moderate",
    score: float = 0.5,
    probability: float | None = 0.5,
    part: str | None = None,
) -> Finding:
    return Finding(
        id="finding-1",
        damage=damage,
        title=damage,
        score=score,
        probability=probability,
        verdict="suspected",
        severity=severity,
        reason=f"the reason for {severity}",
        box=(100, 100, 160, 140),
        mask=Mask(size=(HEIGHT, WIDTH), counts="", polygons=[]),
        on=[
            Place(
                part=part if i == 0 else None,
                label=label,
                title=place_title(label),
                probability=chance,
                share_of_damage=None,
                share_of_part=None,
            )
            for i, (label, chance) in enumerate(on.items())
        ],
        area_share=0.01,
        vehicle_share=None,
        text="",
    )


def sight(number: int, one: Finding, assessment: Assessment | None = None) -> Sight:
    return Sight(number, assessment or photo(), one)


def describe(*sights: Sight, probability: float | None = None):
    return describe_damage(sights, IDS, probability, RULES)


def test_a_side_that_one_photo_knows_holds_for_all():
    told = describe(sight(0, finding({"front_door": 0.8})), sight(1, finding({"front_left_door": 0.6})))
    assert [(place.label, place.probability) for place in told.on] == [("front_left_door", 0.7)]
    assert told.on[0].title == "front left door"


def test_left_and_right_of_one_kind_are_never_both_told():
    told = describe(sight(0, finding({"left_fender": 0.5})), sight(1, finding({"right_fender": 0.9})))
    assert [place.label for place in told.on] == ["right_fender"]


def test_a_second_place_is_told_only_where_it_is_likely():
    both = describe(sight(0, finding({"hood": 0.9, "front_bumper": 0.6})))
    one = describe(sight(0, finding({"hood": 0.9, "front_bumper": 0.6})), sight(1, finding({"hood": 0.9})))
    assert [place.label for place in both.on] == ["hood", "front_bumper"]
    assert [place.label for place in one.on] == ["hood"]


def test_a_photo_that_names_no_place_changes_none():
    told = describe(sight(0, finding({"hood": 0.9})), sight(1, finding({})))
    assert [(place.label, place.probability) for place in told.on] == [("hood", 0.9)]
    assert describe(sight(0, finding({}))).on == []


def test_the_severity_is_that_of_the_photo_which_shows_the_whole_panel():
    close = photo(outlines={"hood": (0, 0, WIDTH, HEIGHT)})
    whole = photo(outlines={"hood": (100, 100, 300, 250)})
    severe = finding({"hood": 0.9}, severity="severe", part="part-1", score=0.9)
    minor = finding({"hood": 0.9}, severity="minor", part="part-1", score=0.3)
    told = describe(sight(0, severe, close), sight(2, minor, whole))
    assert told.severity == "minor" and told.reason == "the reason for minor, seen in photo 3"


def test_the_severity_is_unclear_only_where_no_photo_tells_it():
    unclear = finding({"hood": 0.9}, severity="unclear")
    assert describe(sight(0, unclear), sight(1, unclear)).severity == "unclear"
    assert describe(sight(0, unclear), sight(1, finding({"hood": 0.9}, severity="moderate"))).severity == "moderate"


def test_the_type_is_that_of_the_surest_sights():
    told = describe(
        sight(0, finding({"hood": 0.9}, damage="scratch", probability=0.3)),
        sight(1, finding({"hood": 0.9}, damage="dent", probability=0.5)),
        sight(2, finding({"hood": 0.9}, damage="scratch", probability=0.3)),
    )
    assert told.damage == "scratch"


@pytest.mark.parametrize(
    ("probability", "word"), [(0.29, "doubtful"), (0.3, "possible"), (0.59, "possible"), (0.6, "likely")]
)
def test_the_sentence_says_how_sure_and_in_which_photos(probability, word):
    one = finding({"hood": 0.9})
    told = describe(sight(2, one), sight(0, one), probability=probability)
    assert told.likelihood == word
    assert told.text == (
        f"dent on hood, {word}, in photos 1 and 3. Moderate: the reason for moderate, seen in photo "
        f"{int(told.reason[-1])}"
    )


def test_nobody_guesses_where_nothing_is_known():
    told = describe(sight(0, finding({})))
    assert told.likelihood is None and told.probability is None
    assert told.text == "dent, panel not identified, in photo 1. Moderate: the reason for moderate"


def test_the_worst_comes_first_doubtful_ones_last_and_links_are_mutual():
    severe_but_doubtful = describe(sight(0, finding({}, severity="severe")), probability=0.2)
    minor = describe(sight(0, finding({}, severity="minor")), probability=0.9)
    moderate = describe(sight(1, finding({}, severity="moderate")), probability=0.4)
    listed = ordered([severe_but_doubtful, minor, moderate], {(0, 2): 0.4})
    assert [(one.id, one.severity) for one in listed] == [
        ("damage-1", "moderate"),
        ("damage-2", "minor"),
        ("damage-3", "severe"),
    ]
    assert [(one.damage, one.probability) for one in listed[0].maybe_same] == [("damage-3", 0.4)]
    assert [one.damage for one in listed[2].maybe_same] == ["damage-1"] and listed[1].maybe_same == []


def test_photos_in_words():
    assert photos_in_words([2]) == "photo 2"
    assert photos_in_words([7, 2, 2, 5]) == "photos 2, 5 and 7"
