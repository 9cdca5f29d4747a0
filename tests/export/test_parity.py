"""Matching detections one to one, and what counts as a difference."""

from dataclasses import replace

import numpy as np
import pytest

from crumple.detect.detections import BranchDetections, Detections, PhotoParts
from crumple.export.errors import ExportError
from crumple.export.parity import Agreement, Parity, agree, compare

CLASSES = ("scratch", "dent")


def found(*things):
    """things: (label, left edge, score), each a box of 20x20 pixels."""
    things = sorted(things, key=lambda thing: -thing[2])
    masks = np.linspace(0, 1, 16, dtype=np.float32).reshape(1, 4, 4)
    return BranchDetections(
        np.array([(x, 5, x + 20, 25) for _, x, _ in things], np.float32).reshape(-1, 4),
        np.array([score for *_, score in things], np.float32),
        np.array([CLASSES.index(label) for label, *_ in things], np.int32),
        masks.repeat(len(things), axis=0),
        CLASSES,
    )


def damage(*things):
    return Detections({"damage": found(*things)})


def test_differences_are_the_largest_of_all_pairs_whatever_the_order():
    expected = damage(("scratch", 10, 0.8), ("scratch", 12, 0.7999), ("dent", 10, 0.5))
    actual = damage(("dent", 10.002, 0.5), ("scratch", 12, 0.8001), ("scratch", 10, 0.7998))
    actual["damage"].masks[0, 0, 0] = 0.003
    parity = compare(expected, actual, "A and B")
    assert parity.detections == 3
    assert parity.box == pytest.approx(0.002, abs=1e-5)
    assert parity.score == pytest.approx(0.0002, abs=1e-6)
    assert parity.mask == pytest.approx(0.003)


def test_parities_add_up_to_the_worst():
    assert Parity(2, 0.1, 0.2, 0.3) + Parity(3, 0.4, 0.1, 0.2) == Parity(5, 0.4, 0.2, 0.3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("scratch", 10.02, 0.8), "box that is 0.02 off, 0.01 is allowed"),
        (("scratch", 10, 0.802), "score that is 0.002 off, 0.001 is allowed"),
        (("dent", 10, 0.8), r"scratch of score 0\.8000 at \(10\.0, 5\.0, 30\.0, 25\.0\) is found by the first alone"),
    ],
)
def test_each_difference_is_named(change, message):
    with pytest.raises(ExportError, match=f"A and B, branch 'damage': .*{message}"):
        compare(damage(("scratch", 10, 0.8)), damage(change), "A and B")


def test_mask_difference_and_nan_are_differences():
    actual = damage(("scratch", 10, 0.8))
    actual["damage"].masks[0, 1, 1] += 0.02
    with pytest.raises(ExportError, match=r"mask that is 0\.02 off"):
        compare(damage(("scratch", 10, 0.8)), actual, "A and B")
    actual["damage"].masks[0, 1, 1] = np.nan
    with pytest.raises(ExportError, match="mask that is nan off"):
        compare(damage(("scratch", 10, 0.8)), actual, "A and B")


def test_one_more_and_one_less_are_differences():
    one, two = damage(("scratch", 10, 0.8)), damage(("scratch", 10, 0.8), ("scratch", 60, 0.6))
    with pytest.raises(ExportError, match="found by the first alone"):
        compare(two, one, "A and B")
    with pytest.raises(ExportError, match="found by the second alone"):
        compare(one, two, "A and B")
    with pytest.raises(ExportError, match="branches damage against parts"):
        compare(one, Detections({"parts": one["damage"]}), "A and B")


PLACES = ("hood", "roof", "grille")


def placed(on, seen=(0.5, 0.5, 0.5), damaged=(0.5, 0.5, 0.5)):
    """One scratch that lies on PLACES as `on` says."""
    one = replace(found(("scratch", 10, 0.8)), places=np.array([on], np.float32))
    photo = PhotoParts(PLACES, np.array(seen, np.float32), np.array(damaged, np.float32))
    return Detections({"damage": one}, photo)


def test_places_are_compared_of_each_damage_and_of_the_photo():
    expected = placed((0.9, 0.1, 0))
    close = placed((0.898, 0.1, 0), (0.5, 0.503, 0.5), (0.5, 0.5, 0.504))
    assert compare(expected, close, "A and B").place == pytest.approx(0.004, abs=1e-6)
    for other, message in (
        (placed((0.9, 0.1, 0.02)), r"place that is 0\.02 off, 0\.01 is allowed"),
        (placed((0.9, 0.1, 0), seen=(0.5, 0.48, 0.5)), r"parts_seen is 0\.02 off"),
        (placed((0.9, 0.1, 0), damaged=(0.5, np.nan, 0.5)), "parts_damaged is nan off"),
        (damage(("scratch", 10, 0.8)), "only one of them has place heads"),
    ):
        with pytest.raises(ExportError, match=message):
            compare(expected, other, "A and B")


def test_int8_must_name_the_same_place_first():
    expected = {str(i): placed((0.9, 0.1, 0)) for i in range(5)}
    actual = expected | {"4": placed((0.4, 0.6, 0))}
    assert agree(expected, actual) == Agreement(sure=5, found=5, placed=5, same_place=4)
    with pytest.raises(ExportError, match="int8 names the place of only 3 of 5 detections again; calibrate"):
        agree(expected, actual | {"3": placed((0.4, 0.6, 0))})


def test_scores_near_nothing_are_left_out_on_both_sides():
    faint = damage(("scratch", 10, 0.8), ("dent", 60, 0.04))
    assert compare(faint, damage(("scratch", 10, 0.8)), "A and B").detections == 1
    assert compare(damage(("scratch", 10, 0.8)), faint, "A and B").detections == 1
    # 0.0504 counts, and its counterpart may lie just below the limit.
    assert compare(damage(("dent", 10, 0.0504)), damage(("dent", 10, 0.0498)), "A and B").detections == 1
    assert compare(damage(("dent", 10, 0.0498)), damage(("dent", 10, 0.0504)), "A and B").detections == 0


def test_what_is_found_again_counts_by_class_and_place_whatever_its_score():
    expected = {"a": damage(("scratch", 0, 0.9), ("dent", 50, 0.5), ("dent", 90, 0.49)), "b": damage(("dent", 5, 0.7))}
    actual = {"a": damage(("scratch", 3, 0.2), ("dent", 50, 0.4)), "b": damage(("dent", 5, 0.6))}
    assert agree(expected, actual) == Agreement(sure=3, found=3)  # 17 of 23 pixels, and 0.49 is not sure


@pytest.mark.parametrize(
    "other", [damage(), damage(("scratch", 5, 0.9)), damage(("dent", 9, 0.9))], ids=["nothing", "class", "place"]
)
def test_a_network_that_finds_too_little_again_is_an_error(other):
    with pytest.raises(ExportError, match="int8 finds only 0 of 1 detections again; calibrate"):
        agree({"a": damage(("dent", 5, 0.7))}, {"a": other})
