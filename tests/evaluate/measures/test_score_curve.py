import numpy as np
import pytest

from crumple.evaluate.measures.average_precision import AT_50, coco_evaluations
from crumple.evaluate.measures.score_curve import BestF1, ScoreCurve, match_scores, score_curve
from tests.evaluate.squares import CLASSES, photo, random_photos, region


def test_a_curve_worked_out_by_hand():
    # In order of score: right, wrong, right, wrong; two of four dents are never found.
    drawn = [region(x) for x in (0, 20, 40, 60)]
    found = [region(0, 0.9), region(80, 0.8), region(20, 0.7), region(85, 0.6)]
    curve = score_curve([photo(drawn, found)], "dent")
    assert (curve.objects, curve.detections) == (4, 4)
    assert curve.scores == (0.9, 0.8, 0.7, 0.6)
    assert curve.precisions == (1.0, 0.5, 0.6667, 0.5)
    assert curve.recalls == (0.25, 0.25, 0.5, 0.5)
    # F1: 2/5, 2/6, 4/7, 4/8.
    assert curve.best.score == 0.7
    assert (curve.best.precision, curve.best.recall, curve.best.f1) == pytest.approx((2 / 3, 1 / 2, 4 / 7))
    expected = np.repeat([1.0, 2 / 3, 0.0], [26, 25, 50])  # up to recall 0.25, up to 0.5, beyond
    assert curve.interpolated == pytest.approx(expected)


def test_equal_scores_are_let_in_together():
    found = [region(0, 0.9), region(50, 0.9), region(60, 0.9)]
    curve = score_curve([photo([region(0)], found)], "dent")
    assert curve.scores == (0.9,) and curve.precisions == (0.3333,)
    assert curve.best.f1 == pytest.approx(1 / 2)  # not 1, of the first alone


@pytest.mark.parametrize("seed", range(3))
def test_the_interpolated_precision_is_that_of_pycocotools(seed):
    photos = random_photos(np.random.default_rng(seed))
    precision = coco_evaluations(photos, "damage", CLASSES)["mask"].eval["precision"][AT_50, :, :, 0, 0]
    for k, label in enumerate(CLASSES):
        assert score_curve(photos, label).interpolated == pytest.approx(precision[:, k], abs=1e-12)


def test_many_points_are_thinned_and_keep_both_ends():
    scores = np.linspace(1, 0, 1000)
    photos = [photo([region(0)], [region(0, score)]) for score in scores]
    curve = score_curve(photos, "dent")
    assert len(curve.scores) == len(curve.precisions) == len(curve.recalls) == 200
    assert (curve.scores[0], curve.scores[-1], curve.recalls[-1]) == (1.0, 0.0, 1.0)
    assert curve.detections == 1000


def test_nothing_drawn_nothing_found_a_class_absent_and_crowds():
    nothing = ScoreCurve(objects=0, detections=1, best=None, interpolated=None, scores=(), precisions=(), recalls=())
    assert score_curve([photo(found=[region(0, 0.9)])], "dent") == nothing
    assert score_curve([], "dent") == nothing.model_copy(update={"detections": 0})
    missed = score_curve([photo([region(0)])], "dent")
    assert missed.best is None and missed.scores == () and missed.interpolated == (0.0,) * 101
    crowd = score_curve([photo([region(0, crowd=True), region(50)], [region(0, 0.9), region(50, 0.8)])], "dent")
    assert (crowd.objects, crowd.detections) == (1, 1)
    assert crowd.best == BestF1(score=0.8, precision=1.0, recall=1.0, f1=1.0)


def test_nothing_right_has_an_f1_of_zero():
    curve = score_curve([photo([region(0)], [region(50, 0.9)])], "dent")
    assert (curve.best.f1, curve.best.precision, curve.interpolated[0]) == (0.0, 0.0, 0.0)


def test_each_object_is_matched_once_by_its_best_score():
    photos = [
        photo([region(0), region(50)], [region(1, 0.6), region(0, 0.9), region(80, 0.7)]),
        photo([region(20)], [region(22, 0.8), region(20, 0.5, label="scratch")]),
    ]
    scores, right, objects = match_scores(photos, "dent")
    assert scores.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert right.tolist() == [True, True, False, False]  # 0.6 lies on an object that 0.9 has taken
    assert objects == 3


def test_a_crowd_takes_any_number_and_counts_for_nothing():
    photos = [photo([region(0, crowd=True), region(50)], [region(0, 0.9), region(1, 0.8), region(50, 0.7)])]
    scores, right, objects = match_scores(photos, "dent")
    assert scores.tolist() == [0.7] and right.tolist() == [True] and objects == 1
