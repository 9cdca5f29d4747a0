"""Labels against a model's findings."""

import pytest

from crumple.detect.model_info import Calibration
from crumple.label.check.against_model import check_against_model
from crumple.label.check.placed import place
from tests.fakes import fake_info
from tests.label.labels import HEIGHT, WIDTH, box, photo

INFO = fake_info()  # damage: reported from 0.3


def disagreements(drawn, found, info=INFO, branch="damage"):
    one = photo(*drawn)
    objects, seen = place(one.objects, HEIGHT, WIDTH), place(found, HEIGHT, WIDTH)
    return list(check_against_model(one, objects, seen, info, branch))


def test_who_agrees_is_not_listed():
    assert not disagreements([box("dent", 10, 10, 50, 50)], [box("dent", 12, 10, 52, 50, score=0.4)])


def test_seen_by_the_model_and_not_drawn():
    (item,) = disagreements([], [box("dent", 10, 10, 50, 50, score=0.9), box("dent", 60, 10, 90, 50, score=0.2)])
    assert (item.kind, item.annotation_ids, item.box, item.score) == ("missed_by_labels", [], (10, 10, 50, 50), 0.9)
    assert item.suggestion.label == "dent" and item.suggestion.segmentation["size"] == [HEIGHT, WIDTH]


def test_by_the_models_calibration_where_it_has_one():
    info = fake_info(calibration={"damage": Calibration(slope=1, offset=-3)})
    (item,) = disagreements([], [box("dent", 10, 10, 50, 50, score=0.9)], info)
    assert item.score == pytest.approx(info.probability("damage", "dent", 0.9), abs=1e-4) and item.score < 0.4


def test_drawn_and_not_seen_comes_after_and_the_large_before_the_small():
    large, small, hinted = disagreements(
        [box("dent", 0, 0, 96, 96), box("dent", 110, 10, 120, 20), box("scratch", 130, 10, 180, 50)],
        [box("scratch", 130, 10, 175, 50, score=0.2)],
    )
    assert {item.kind for item in (large, small, hinted)} == {"missed_by_model"}
    assert large.score == pytest.approx(0.4) and small.score < 0.1
    assert hinted.annotation_ids == [3] and "(0.20 at most)" in hinted.text


def test_another_name_and_another_outline():
    name, outline = disagreements(
        [box("dent", 10, 10, 50, 50), box("scratch", 100, 10, 150, 50)],
        [box("scratch", 10, 10, 50, 48, score=0.8), box("scratch", 100, 10, 120, 50, score=0.9)],
    )
    assert (name.kind, name.annotation_ids, name.suggestion.label) == ("class_differs", [1], "scratch")
    assert name.score == pytest.approx(0.8 * 0.95, abs=0.02)
    assert (outline.kind, outline.annotation_ids) == ("bad_overlap", [2])
    assert outline.score == pytest.approx(0.9 * 0.6, abs=0.03)


def test_a_piece_of_a_drawn_object_is_not_missing():
    found = [box("dent", 10, 10, 40, 90, score=0.9), box("dent", 45, 20, 60, 30, score=0.8)]
    assert not disagreements([box("dent", 10, 10, 60, 90)], found)
    drawn = [box("dent", 10, 10, 40, 90), box("dent", 45, 20, 60, 30)]
    assert not disagreements(drawn, [box("dent", 10, 10, 60, 90, score=0.9)])


def test_within_a_drawn_object_of_another_class_a_finding_counts_less():
    drawn = [box("dent", 10, 10, 100, 90)]
    found = [box("dent", 10, 10, 100, 90, score=0.9), box("scratch", 20, 20, 40, 30, score=0.8)]
    (item,) = disagreements(drawn, found)
    assert item.kind == "missed_by_labels" and item.score == pytest.approx(0.4)


def test_what_the_model_has_no_name_for_is_taken_as_it_is():
    fender = box("left_fender", 10, 10, 100, 90)
    assert not disagreements([fender], [], branch="parts")
    assert not disagreements([fender], [box("hood", 12, 10, 100, 90, score=0.9)], branch="parts")
    (item,) = disagreements([fender], [box("hood", 110, 10, 150, 90, score=0.9)], branch="parts")
    assert (item.kind, item.suggestion.label) == ("missed_by_labels", "hood")


def test_branches_are_apart():
    found = [box("hood", 10, 10, 100, 90, score=0.9)]
    assert not disagreements([], found)
    assert [item.kind for item in disagreements([], found, branch="parts")] == ["missed_by_labels"]
