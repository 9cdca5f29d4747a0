import numpy as np
import pytest

from crumple.evaluate.measures.bootstrap import resamples
from crumple.evaluate.places.panel_curve import recall_at_precision
from crumple.evaluate.places.panel_events import panel_events
from crumple.evaluate.places.panels import damaged_panels, headline
from crumple.evaluate.places.truth import place_truth
from tests.evaluate.judged_photos import judged, placed, reading
from tests.evaluate.squares import region


def events(*pairs, probability=lambda label, score: score):
    photos, readings = zip(*pairs, strict=True)
    return panel_events(photos, readings, [place_truth(photo) for photo in photos], probability)


def report(*pairs):
    made = events(*pairs)
    return damaged_panels(made, made, len(pairs), resamples([None] * len(pairs), 20))


def counts(*shares):
    return [(share.hits, share.of) for share in shares]


def test_all_labelled_parts_of_all_damages_against_all_parts_that_findings_name():
    photo = placed(
        damage=[region(0), region(20, label="scratch"), region(40)],
        on=["hood+left_fender", "hood", "interior"],
        visible="hood left_fender front_left_door roof wheel interior grille?",
    )
    said = reading(
        (region(0, 0.9), "hood 0.9 grille 0.6"),  # the grille is not damaged
        (region(60, 0.8), "roof 0.9 engine_bay 0.5"),  # a damage that nobody drew
        (region(80, 0.7, "airbag_deployed"), "front_left_door 1"),
    )
    made = report((photo, said))
    assert counts(made.panels.recall, made.panels.precision) == [(1, 2), (1, 3)]
    assert counts(made.alarmed) == [(1, 3)]  # of door, roof and wheel the roof; the grille is not sure to be visible
    rows = {row.name: counts(row.recall, row.precision, row.alarmed) for row in made.parts}
    assert list(rows) == ["front_left_door", "hood", "wheel", "grille", "left_fender", "roof"]
    assert rows["hood"] == [(1, 1), (1, 1), (0, 0)] and rows["roof"] == [(0, 0), (0, 1), (1, 1)]
    damages = {row.name: counts(row.recall, row.precision) for row in made.damages}
    assert damages == {"scratch": [(1, 1), (0, 0)], "dent": [(1, 2), (1, 3)]}
    assert all(row.alarmed is None for row in made.damages)


def test_sides_and_lids():
    photo = placed(damage=[region(0), region(20)], on=["left_fender", "trunk"], visible="left_fender tailgate")
    made = report((photo, reading((region(0, 0.9), "right_fender 0.9"), (region(20, 0.8), "tailgate 0.9"))))
    assert counts(made.panels.recall, made.panels.precision) == [(1, 2), (1, 2)]
    assert counts(made.sides_merged.recall, made.sides_merged.precision) == [(2, 2), (2, 2)]
    assert counts(made.alarmed) == [(0, 0)]  # both visible panels are damaged


def test_a_part_without_its_side_is_true_and_finds_nothing():
    photo = placed(damage=[region(0)], on=["left_fender"], visible="left_fender right_fender")
    made = report((photo, reading((region(0, 0.9), "fender 0.9"))))
    assert counts(made.panels.recall, made.panels.precision, made.alarmed) == [(0, 1), (1, 1), (0, 1)]
    assert counts(made.sides_merged.recall, made.sides_merged.precision) == [(1, 1), (1, 1)]


def test_a_label_without_its_side_is_met_by_either_and_neither_is_undamaged():
    photo = placed(damage=[region(0)], on=["front_door"], visible="front_left_door front_right_door hood front_door")
    made = report((photo, reading((region(0, 0.9), "front_right_door 0.9"))))
    assert counts(made.panels.recall, made.panels.precision, made.alarmed) == [(1, 1), (1, 1), (0, 1)]


def test_names_that_are_unsure_count_neither_way():
    photo = placed(damage=[region(0), region(20)], on=["hood?", "roof+hood?"], visible="hood roof grille")
    made = report((photo, reading((region(0, 0.9), "hood 0.9"), (region(20, 0.8), "roof 0.9"))))
    assert counts(made.panels.recall, made.panels.precision, made.alarmed) == [(1, 1), (1, 1), (0, 1)]
    surer = placed(damage=[region(0), region(20)], on=["hood?", "hood"], visible="")
    assert counts(report((surer, reading((region(0, 0.9), "hood 0.9")))).panels.recall) == [(1, 1)]


def test_the_curve_goes_down_by_the_best_finding_on_each_panel():
    photo = placed(damage=[region(0), region(20), region(40)], on=["hood", "roof", "grille"], visible="")
    said = reading(
        (region(0, 0.9), "hood 1"),
        (region(1, 0.2), "hood 1"),
        (region(60, 0.9), "wheel 0.8"),  # 0.72
        (region(20, 0.6), "roof 0.5"),  # 0.3
    )
    made = report((photo, said))
    assert made.curve.scores == (0.9, 0.72, 0.3)
    assert made.curve.recalls == pytest.approx((1 / 3, 1 / 3, 2 / 3), abs=1e-4)
    assert made.curve.precisions == pytest.approx((1, 1 / 2, 2 / 3), abs=1e-4)
    assert made.recall_at.value == pytest.approx(1 / 3)  # 2 of 3 is less than 70 %
    halved = events((photo, said), probability=lambda label, score: score / 2)
    assert halved.said["score"].tolist() == pytest.approx([0.45, 0.36, 0.15])


def test_recall_at_a_precision_takes_equal_scores_together_and_the_lowest_level_that_is_precise():
    def photo(name, said_score, *wrong_scores):
        wrong = [(region(20, score), "roof 1") for score in wrong_scores]
        return placed(name, damage=[region(0)], on=["hood"]), reading((region(0, said_score), "hood 1"), *wrong)

    made = events(photo("a", 0.9), photo("b", 0.8, 0.8), photo("c", 0.7), photo("d", 0.6), photo("e", 0.1, 0.2))
    weights = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 2]], float)
    # Right of said, from the top: 1/1, 2/3, 3/4, 4/5, 4/6, 5/7: the last is 71 %, with all five found.
    # Only a and b: 1/1, 2/3. Only b: 1/2, never precise. Only e: 0/1, 1/2.
    assert recall_at_precision(made, weights).tolist() == [1.0, 0.5, 0.0, 0.0]
    nothing = events((judged(damage=[region(0)]), reading()))
    assert np.isnan(recall_at_precision(nothing, np.ones((2, 1)))).all()


def test_nothing_said_and_nothing_drawn():
    quiet = report((placed(damage=[region(0)], on=["hood"], visible="hood roof"), reading()))
    assert counts(quiet.panels.recall, quiet.panels.precision, quiet.alarmed) == [(0, 1), (0, 0), (0, 1)]
    assert quiet.recall_at.value == 0.0 and quiet.curve.scores == ()
    figures = headline(
        *[events((judged(damage=[region(0)]), reading((region(0, 0.9), "hood 1"))))] * 2, np.ones((1, 1))
    )
    assert all(np.isnan(values).all() for values in figures.values()) and len(figures) == 4
