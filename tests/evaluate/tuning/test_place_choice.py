from dataclasses import replace

import numpy as np
import pytest

from crumple.evaluate.judged.readings import Calibrations, read
from crumple.evaluate.tuning.choice import choose
from crumple.evaluate.tuning.place_choice import choose_calibrations
from crumple.taxonomy import PLACES
from tests.evaluate.evaluations import model
from tests.evaluate.judged_photos import judged, placed
from tests.evaluate.squares import region

PAIRS = [("hood", "roof"), ("grille", "front_bumper"), ("left_fender", "wheel")]


def photos(many=30, trust=0.8, seed=0):
    """Photos of one damage each, on a place that the place head gives 0.7 to in `trust` of them, and else 0.3."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(many):
        there, other = PAIRS[i % 3]
        high, low = (0.7, 0.3) if rng.random() < trust else (0.3, 0.7)
        seen = f"{there} {0.9 if rng.random() < 0.9 else 0.2} {other} {0.3 if rng.random() < 0.9 else 0.8}"
        made.append(
            placed(
                f"{i}",
                damage=[region(0)],
                on=[there],
                visible=there,
                found_damage=[region(0, 0.9)],
                places=[f"{there} {high} {other} {low}"],
                seen=seen,
                group=f"claim {i // 2}",
            )
        )
    return made


def test_probabilities_become_those_of_the_labels():
    many = photos(120)
    chosen, held_out = choose_calibrations(many, {})
    assert len(held_out) == 120
    said = [read(photo, {}, chosen).findings[0].on[0] for photo in many]
    right = np.mean([place.name == PAIRS[i % 3][0] for i, place in enumerate(said)])
    assert right > 0.85  # the head is right for 80 %, and what the photo shows helps
    assert np.mean([place.probability for place in said]) == pytest.approx(right, abs=0.12)
    listed = [read(photo, {}, chosen).seen for photo in many]
    assert np.mean([PAIRS[i % 3][0] in seen for i, seen in enumerate(listed)]) > 0.85
    assert 0.05 <= chosen.places.name_from <= chosen.places.second_from and 0.3 < chosen.seen.list_from < 0.8


def test_each_photo_is_judged_by_a_fit_on_other_claims():
    many = [*photos(), judged("clean", undamaged=True, parts=[])]
    chosen, held_out = choose_calibrations(many, {})
    folds = {id(one) for one in held_out[:30]}
    assert len(folds) == 5 and id(chosen) not in folds
    assert all(held_out[i] is held_out[i + 1] for i in range(0, 30, 2))  # photos of a claim
    assert held_out[30] is chosen
    # What the photos of a fold are labelled with does not change what they are judged with.
    fold = [i for i in range(30) if held_out[i] is held_out[0]]
    for i in fold:
        labels = replace(
            many[i].truth.photos["damage"].places, on={1: many[(i + 1) % 3].truth.photos["damage"].places.on[1]}
        )
        truth = many[i].truth
        labelled = replace(truth.photos["damage"], places=labels)
        many[i] = replace(many[i], truth=replace(truth, photos={"damage": labelled}))
    again, others = choose_calibrations(many, {})
    assert others[0] == held_out[0] and again != chosen


def test_sets_apart_unsure_names_and_sides_that_are_not_known():
    many = photos()
    apart = [replace(one, truth=replace(one.truth, apart=frozenset({"damage"}))) for one in many]
    assert choose_calibrations(apart, {}) == (Calibrations(), (Calibrations(),) * 30)
    assert choose_calibrations([*many, *apart], {})[0] == choose_calibrations(many, {})[0]
    odd = placed(
        "odd",
        damage=[region(0)],
        on=["front_door"],
        visible="hood? front_door",
        found_damage=[region(0, 0.9)],
        places=["front_left_door 0.9"],
        seen="hood 0.9 front_left_door 0.9",
    )
    chosen, _ = choose_calibrations([*many, odd], {})
    without, _ = choose_calibrations(many, {})
    assert chosen.places.head == pytest.approx(without.places.head, rel=0.02)  # the doors do not count


def test_a_model_without_place_heads_weighs_outlines_alone():
    hood, roof = region((0, 0, 30, 40), 0.9, "hood"), region((30, 0, 60, 40), 0.9, "roof")
    many = [
        placed(
            f"{i}",
            damage=[damage],
            on=[name],
            visible=name,
            found_damage=[replace(damage, score=0.9)],
            found_parts=[hood, roof],
        )
        for i, (damage, name) in enumerate([(region(0), "hood"), (region(40), "roof"), (region(80), "grille")] * 5)
    ]
    chosen, _ = choose_calibrations(many, {})
    assert chosen.seen is None
    on_hood, on_roof, elsewhere = (read(photo, {}, chosen).findings[0].on for photo in many[:3])
    assert [place.name for place in on_hood] == ["hood"] and [place.name for place in on_roof] == ["roof"]
    assert on_hood[0].probability > 0.8 and elsewhere == ()


def test_the_choice_is_made_with_the_thresholds_that_were_chosen():
    choice = choose(photos(), model())
    assert choice.thresholds["damage"]["dent"].lower == 0.35
    assert choice.calibrations == choose_calibrations(photos(), {"damage": {"dent": 0.35}})[0]
    assert len(choice.held_out) == 30
    nothing = choose([judged("a", undamaged=True, parts=[])], model())
    assert nothing.calibrations == Calibrations() and nothing.held_out == (Calibrations(),)


def test_places_are_in_the_order_of_the_taxonomy():
    assert photos(1)[0].parts.names == PLACES


def test_alarms_are_told_as_thresholds_from_other_claims_would_have_them():
    # Twenty clean cars, one of which may alarm, and two do: chosen on all of them, the threshold silences the lower.
    scores = [0.9, 0.8] + [0.0] * 18
    clean = [
        judged(f"{i}", undamaged=True, sets={"damage": "street"}, found_damage=[region(0, s)] if s else [])
        for i, s in enumerate(scores)
    ]
    dents = [judged(f"dent {i}", damage=[region(0)], found_damage=[region(0, 0.95)]) for i in range(5)]
    choice = choose([*clean, *dents], model())
    assert choice.thresholds["damage"]["dent"].lower == pytest.approx(0.801)
    # Without a fold of them 16 clean cars are left, of which none may alarm. Held out, the loudest is silenced by none.
    assert choice.held_out_alarms[20:].all() and choice.held_out_alarms[0]
    assert not choice.held_out_alarms[2:20].any()
