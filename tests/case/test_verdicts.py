"""How probable damages are, and which panels are damaged, by hand-made cases."""

import pytest

from crumple.case.coverage import coverage
from crumple.case.inspection import Damage, DamagePlace, Observation
from crumple.case.verdicts import NOTHING, damage_probabilities, on_panels, panel_probability, panel_verdicts
from tests.case.photos import WHOLE, observation, photo

HOOD = {"hood": 0.9}
SHOWN = photo({"hood": 0.95}, {"hood": WHOLE})
IDS = [f"photo-{number}" for number in range(1, 9)]


def probability(*seen, photos=(SHOWN,), others=()) -> float | None:
    """Of a damage with these observations; others: the rest of the case."""
    [chance] = damage_probabilities([*seen, *others], [range(len(seen))], coverage(photos))
    return chance


def damage(on, probability=0.8, *, number=1, decision="open", annotation=None) -> Damage:
    """on: probability by label."""
    return Damage(
        id=f"damage-{number}",
        damage="dent",
        title="dent",
        on=[DamagePlace(label=label, title=label, probability=chance) for label, chance in on.items()],
        severity="moderate",
        reason="covers 6 % of it",
        probability=probability,
        decision=decision,
        observations=[
            Observation(
                photo="photo-1",
                finding="finding-1",
                annotation=annotation,
                box=(0, 0, 10, 10),
                severity="moderate",
                probability=probability,
            )
        ],
        text="dent",
    )


def verdicts(*damages, photos=(SHOWN,)):
    return {panel.label: panel for panel in panel_verdicts(coverage(photos), damages, IDS)}


def test_the_surer_the_surest_observation_the_likelier_the_damage() -> None:
    chances = [probability(observation(0, chance, HOOD)) for chance in (0.05, 0.2, 0.5, 0.9, 1.0)]
    assert chances == sorted(chances)
    assert len(set(chances)) == 5
    assert chances[-1] == 0.99  # nothing that a model says is certain
    photos = [SHOWN] * 2
    weak, strong = (probability(observation(0, 0.5), observation(1, other), photos=photos) for other in (0.1, 0.3))
    assert weak == strong


def test_each_further_photo_that_shows_it_makes_it_likelier() -> None:
    photos = [SHOWN] * 4
    chances = [probability(*(observation(i, 0.1, HOOD) for i in range(n)), photos=photos) for n in (1, 2, 3, 4)]
    assert chances == sorted(chances)
    assert chances[1] - chances[0] > 0.1


def test_two_drawings_on_one_photo_are_one_sight() -> None:
    twice = probability(observation(0, 0.2, HOOD), observation(0, 0.1, HOOD))
    assert twice == probability(observation(0, 0.2, HOOD))


def test_each_photo_that_shows_its_panel_and_nothing_on_it_makes_it_less_likely() -> None:
    chances = [probability(observation(0, 0.2, HOOD), photos=[SHOWN] * n) for n in (1, 2, 4, 8)]
    assert chances == sorted(chances, reverse=True)
    assert len(set(chances)) == 4


def test_photos_that_show_another_panel_or_something_on_it_do_not() -> None:
    alone = probability(observation(0, 0.2, HOOD))
    assert probability(observation(0, 0.2, HOOD), photos=[SHOWN, photo({"roof": 0.9})]) == alone
    other = observation(1, 0.2, HOOD)
    assert probability(observation(0, 0.2, HOOD), photos=[SHOWN] * 2, others=[other]) == alone


def test_without_a_probability_there_is_none() -> None:
    assert probability(observation(0, None, HOOD)) is None
    assert damage_probabilities([], [], coverage([])) == []


def test_a_damage_without_a_place_has_a_probability() -> None:
    assert probability(observation(0, 0.3)) == probability(observation(0, 0.3), photos=[SHOWN] * 5)


def test_a_damage_lies_where_its_observations_say() -> None:
    assert on_panels([{"hood": 0.8, "left_fender": 0.4}, {"hood": 0.6}, {}]) == pytest.approx(
        {"hood": 0.7, "left_fender": 0.2}
    )
    assert on_panels([{"front_door": 0.8}]) == pytest.approx({"front_left_door": 0.4, "front_right_door": 0.4})
    assert on_panels([{"tailgate": 0.5, "trunk": 0.3}]) == pytest.approx({"trunk_or_tailgate": 0.8})
    assert on_panels([{"interior": 0.9}]) == {}
    assert on_panels([]) == {}


def test_a_panel_is_the_likelier_damaged_the_more_speaks_for_it() -> None:
    rising = [panel_probability(evidence) for evidence in ([], [0.1], [0.3], [0.3, 0.3], [0.7], [0.95], [1.0])]
    assert rising == sorted(rising)
    assert panel_probability([]) == panel_probability([NOTHING / 2]) < 0.2
    assert panel_probability([1.0]) <= 0.99


def test_a_likely_damage_makes_its_panel_damaged() -> None:
    panels = verdicts(damage({"hood": 0.95}, 0.9))
    hood = panels["hood"]
    assert (hood.damaged, hood.seen, hood.share, hood.best_photo) == ("yes", "seen", 1.0, "photo-1")
    assert hood.damages == ["damage-1"]
    assert hood.probability == round(panel_probability([0.95 * 0.9]), 3)


def test_a_panel_that_is_seen_whole_and_has_nothing_is_undamaged() -> None:
    hood = verdicts()["hood"]
    assert (hood.damaged, hood.damages) == ("no", [])
    assert hood.probability == round(panel_probability([]), 3)


def test_a_panel_that_is_not_seen_whole_is_never_undamaged() -> None:
    panels = verdicts(photos=[photo({"hood": 0.95})])
    assert (panels["hood"].seen, panels["hood"].damaged) == ("partly", "unclear")
    assert (panels["roof"].seen, panels["roof"].damaged, panels["roof"].probability) == ("not_seen", "unclear", None)
    assert "no" not in {panel.damaged for panel in panels.values()}


def test_a_damage_can_be_on_a_panel_that_no_photo_is_sure_to_show() -> None:
    roof = verdicts(damage({"roof": 0.95}, 0.95))["roof"]
    assert (roof.seen, roof.damaged) == ("not_seen", "yes")


def test_left_is_never_right_and_no_side_is_never_sure() -> None:
    doors = [photo({f"front_{side}_door": 0.95}, {f"front_{side}_door": WHOLE}) for side in ("left", "right")]
    panels = verdicts(damage({"front_left_door": 0.95}, 0.9), photos=doors)
    assert (panels["front_left_door"].damaged, panels["front_right_door"].damaged) == ("yes", "no")
    panels = verdicts(damage({"front_door": 0.95}, 0.9), photos=doors)
    assert {panels[f"front_{side}_door"].damaged for side in ("left", "right")} == {"unclear"}
    assert panels["front_right_door"].damages == ["damage-1"]


def test_a_damage_inside_the_vehicle_is_on_no_panel() -> None:
    assert not any(panel.damages for panel in verdicts(damage({"interior": 0.99})).values())


def test_what_a_person_says_holds() -> None:
    assert verdicts(damage({"hood": 0.95}, 0.9, decision="rejected"))["hood"].damaged == "no"
    hood = verdicts(damage({"hood": 0.95}, 0.05, decision="confirmed"))["hood"]
    assert (hood.damaged, hood.probability) == ("yes", 0.99)
    drawn = verdicts(damage({"hood": None}, None, annotation=7))["hood"]
    assert (drawn.damaged, drawn.probability) == ("yes", 0.99)


def test_a_model_without_calibration_tells_no_probability() -> None:
    hood = verdicts(damage({"hood": None}, None))["hood"]
    assert (hood.damaged, hood.probability, hood.damages) == ("unclear", None, ["damage-1"])


def test_places_without_probabilities_are_taken_at_their_word() -> None:
    assert verdicts(damage({"hood": None}, 0.9))["hood"].probability == round(panel_probability([0.9]), 3)
