"""Two models on the same photos: what is a difference and what is noise."""

from dataclasses import replace

import numpy as np
import pytest

from crumple.detect.model_info import BranchInfo, ClassThresholds, ModelInfo
from crumple.errors import DataError, ModelError
from crumple.evaluate.comparison import compare
from crumple.evaluate.measures.photo_shares import ALARMED, DAMAGED, RIGHT, photo_shares
from crumple.evaluate.subject import subject
from tests.evaluate.judged_photos import judged
from tests.evaluate.squares import region

AT = {"dent": ClassThresholds(lower=0.3, upper=0.5), "scratch": ClassThresholds()}


def model(name, photos, branches=None):
    """A model of this name that found what is on these photos."""
    branches = branches or {"parts": ("hood",), "damage": ("dent", "scratch")}
    info = ModelInfo(
        name=name,
        version="1",
        input_size=(64, 64),
        branches=tuple(BranchInfo(name=branch, classes=classes) for branch, classes in branches.items()),
        thresholds={"damage": {label: AT[label] for label in branches["damage"]}} if "damage" in branches else {},
    )
    return subject(info, photos)


def damaged(found, count=40):
    """Photos with a dent each, on which found(i) is found."""
    return [judged(f"{i}", damage=[region(0)], found_damage=found(i)) for i in range(count)]


def clean(alarms, count=40):
    """Undamaged photos, the first of which alarm."""
    return [
        judged(f"clean {i}", undamaged=True, parts=[], found_damage=[region(0, 0.9)] if i < alarms else [])
        for i in range(count)
    ]


def good(i):
    return [region(0, 0.9)] if i % 10 else []


def bad(i):
    return [region(0, 0.6)] if i % 3 == 0 else [region(60, 0.8)]


def by_name(comparison, branch="damage"):
    return {figure.name: figure for figure in comparison.figures if figure.branch == branch and figure.label is None}


def test_the_same_model_twice_differs_in_nothing():
    photos = damaged(good) + clean(5)
    comparison = compare(model("a", photos), model("b", photos))
    assert {figure.difference.difference for figure in comparison.figures} == {0.0}
    assert {figure.verdict for figure in comparison.figures} == {"noise"}
    assert (comparison.a.name, comparison.b.name, comparison.photos) == ("a", "b", 80)


def test_a_clearly_worse_model_is_told():
    figures = by_name(compare(model("worse", damaged(bad)), model("better", damaged(good))))
    for name in ("mask AP", "mask AP50", "box AP", "precision", "recall", "F1", "pixel IoU of all damage"):
        figure = figures[name]
        assert figure.verdict == "B", name
        assert figure.difference.low <= figure.difference.difference <= figure.difference.high < 0
    recall = figures["recall"]
    assert (recall.a.value, recall.b.value) == (14 / 40, 36 / 40)
    assert recall.difference.difference == pytest.approx(14 / 40 - 36 / 40)
    swapped = by_name(compare(model("better", damaged(good)), model("worse", damaged(bad))))
    assert swapped["recall"].verdict == "A"


def test_one_photo_of_forty_is_noise():
    almost = damaged(lambda i: good(i) if i != 5 else [])
    assert by_name(compare(model("a", damaged(good)), model("b", almost)))["recall"].verdict == "noise"


def test_fewer_alarms_on_clean_cars_are_better():
    figures = by_name(compare(model("a", damaged(good) + clean(20)), model("b", damaged(good) + clean(2))))
    alarmed = figures[ALARMED]
    assert (alarmed.a.value, alarmed.b.value, alarmed.verdict) == (0.5, 0.05, "B")
    assert alarmed.difference.difference == pytest.approx(0.45)
    assert figures[DAMAGED].verdict == "noise" and figures[DAMAGED].a.value == 0.9


def test_alarms_and_notices_are_counted_by_photo():
    low = [judged("low", damage=[region(0)])]
    twice = [judged("twice", damage=[region(0)], found_damage=[region(60, 0.3), region(0, 0.9)])]
    weights = np.array([[1, 1, 1, 1], [2, 1, 0, 1], [0, 0, 1, 1]], float)
    shares = photo_shares(low + twice + clean(1, 2), weights)
    assert shares[DAMAGED][:2].tolist() == [0.5, 1 / 3] and np.isnan(shares[DAMAGED][2])
    assert shares[ALARMED].tolist() == [0.5, 0.0, 0.5]
    assert all(np.isnan(one).all() for one in photo_shares([], np.ones((3, 0))).values())


@pytest.mark.parametrize(
    ("drawn", "found", "right"),
    [
        (region(0), region(0, 0.9), True),
        (region(0), region(60, 0.9), False),
        (region(0), region(0, 0.9, "scratch"), False),
        (region((0, 0, 40, 10), crowd=True), region(20, 0.9), True),
        (region((0, 0, 40, 10), crowd=True), region(20, 0.9, "scratch"), False),
    ],
    ids=["there", "elsewhere", "another type", "in a crowd", "another type in a crowd"],
)
def test_a_finding_is_right_by_type_and_place(drawn, found, right):
    shares = photo_shares([judged(damage=[drawn], found_damage=[found])], np.ones((1, 1)))
    assert shares[DAMAGED].tolist() == [1.0] and shares[RIGHT].tolist() == [float(right)]


def test_figures_that_a_model_does_not_have_are_left_out():
    figures = compare(model("a", damaged(good)), model("b", damaged(good))).figures
    names = {(figure.name, figure.label) for figure in figures}
    assert (ALARMED, None) not in names  # there is no clean car
    assert {("mask AP50", None), ("mask AP50", "dent"), ("pixel IoU", "dent")} <= names
    assert "scratch" not in {label for _, label in names}
    assert {figure.branch for figure in figures} == {"damage", "places"}


def test_a_class_may_have_a_comma_in_its_name():
    name = "dent, deep"
    photos = [judged(f"{i}", damage=[region(0, label=name)], found_damage=[region(0, 0.9, name)]) for i in range(3)]
    info = ModelInfo(name="a", version="1", input_size=(64, 64), branches=(BranchInfo(name="damage", classes=(name,)),))
    one = subject(info, photos)
    assert {figure.label for figure in compare(one, one).figures} == {None, name}


def test_tuned_thresholds_against_shipped_ones_are_pointed_out():
    shipped = model("a", damaged(good))
    tuned = replace(shipped, thresholds_from="these photos")
    (note,) = compare(tuned, shipped).notes
    assert note == (
        "The thresholds of A were chosen on these very photos, those of B were not: every figure but AP flatters A."
    )
    assert "flatters B" in compare(shipped, tuned).notes[0]
    assert compare(shipped, shipped).notes == compare(tuned, tuned).notes == ()


def test_models_that_find_nothing_are_compared_all_the_same():
    nothing = damaged(lambda i: [])
    figures = by_name(compare(model("a", nothing), model("b", nothing)))
    assert figures["recall"].difference.difference == 0.0 and "precision" not in figures


def test_a_branch_that_only_one_model_has_is_left_out():
    photos = [
        judged(f"{i}", damage=[region(0)], parts=[region(30, label="hood")], found_damage=good(i)) for i in range(5)
    ]
    one = model("a", photos)
    other = model("b", photos, {"damage": ("dent", "scratch")})
    assert {figure.branch for figure in compare(one, other).figures} == {"damage"}


def test_other_photos_are_refused():
    photos = damaged(good)
    others = [replace(photo, sha256="other") for photo in photos]
    for theirs in (others, photos[:-1]):
        with pytest.raises(DataError, match="the two models were not judged on the same photos"):
            compare(model("a", photos), model("b", theirs))


def test_models_without_common_classes_are_refused():
    photos = damaged(good)
    with pytest.raises(ModelError, match="a and b share no branch with the same classes: nothing to compare; measure"):
        compare(model("a", photos), model("b", photos, {"damage": ("dent",)}))
