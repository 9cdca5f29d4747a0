import numpy as np
import pytest

from crumple.detect.model_info import Calibration
from crumple.evaluate.judged.regions import Region
from crumple.evaluate.measures.calibration import calibrate, reliability
from crumple.evaluate.measures.matching import CROWD, NO_PARTNER, PhotoMatch

CLASSES = ("dent", "scratch")


def fitted_to(matches, classes):
    return calibrate(matches, [None] * len(matches), classes).parameters


def match(*found):
    """found: (score, right) or (score, right, label)."""
    regions = tuple(Region((label or ["dent"])[0], (0, 0, 1, 1), {}, score) for score, _, *label in found)
    partner = np.array([0 if right else NO_PARTNER for _, right, *_ in found], int)
    return PhotoMatch(regions, partner, np.zeros(len(found)), (), np.zeros(0, bool))


def simulated(rng, count, probability, label="dent"):
    """Photos with one detection each, of any score, right with a probability that depends on it."""
    scores = rng.uniform(0.1, 0.99, count)
    return [match((float(s), bool(rng.random() < probability(s)), label)) for s in scores]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def logit(p):
    return np.log(p / (1 - p))


def check(matches, groups=None, lowest=None):
    return calibrate(matches, groups or [None] * len(matches), CLASSES, lowest)


def test_reliability_worked_out_by_hand():
    # 20 detections make ten bins of two: 0.05 and 0.1, 0.15 and 0.2 ... Only those of 0.55 and more are right.
    scores = np.arange(1, 21) / 20
    result = reliability(scores[::-1], (scores >= 0.55)[::-1])
    assert [b.count for b in result.bins] == [2] * 10
    assert [b.score for b in result.bins] == pytest.approx(np.arange(10) / 10 + 0.075)
    assert [b.right for b in result.bins] == [0] * 5 + [1] * 5
    # Five bins are 0.075, 0.175 ... 0.475 too sure, five are 0.425, 0.325 ... 0.025 not sure enough.
    assert result.ece == pytest.approx((5 * 0.275 + 5 * 0.225) / 10)


def test_few_detections_make_few_bins_and_none_make_none():
    result = reliability(np.array([0.9, 0.3]), np.array([True, True]))
    assert [(b.score, b.right, b.count) for b in result.bins] == [(0.3, 1, 1), (0.9, 1, 1)]
    assert result.ece == pytest.approx(0.4)
    nothing = reliability(np.zeros(0), np.zeros(0, bool))
    assert nothing.ece is None and nothing.bins == ()


def test_scores_that_are_probabilities_are_left_alone():
    result = check(simulated(np.random.default_rng(0), 4000, lambda s: s))
    assert result.detections == 4000
    assert result.before.ece < 0.03 and result.after.ece < 0.03
    assert result.parameters.slope == pytest.approx(1, abs=0.1)
    assert result.parameters.offset == pytest.approx(0, abs=0.1)


def test_a_known_distortion_is_found_and_undone():
    matches = simulated(np.random.default_rng(1), 6000, lambda s: sigmoid(0.5 * logit(s) - 1))
    result = check(matches)
    assert result.before.ece > 0.2 and result.after.ece < 0.03
    parameters = result.parameters
    assert parameters.slope == pytest.approx(0.5, abs=0.06)
    assert parameters.offset + parameters.classes["dent"] == pytest.approx(-1, abs=0.1)
    assert parameters.probability("dent", 0.9) == pytest.approx(sigmoid(0.5 * logit(0.9) - 1), abs=0.03)
    assert fitted_to(matches, CLASSES) == parameters


def test_a_class_with_many_detections_has_an_offset_and_one_with_few_hardly():
    rng = np.random.default_rng(2)
    usual = simulated(rng, 2000, lambda s: s)
    lucky = fitted_to(usual + [match((0.5, True, "scratch"))] * 3, CLASSES).classes["scratch"]
    assert 0 < lucky < 0.5  # three of three right
    unlike = simulated(rng, 2000, lambda s: sigmoid(logit(s) + 2), "scratch")
    parameters = fitted_to(usual + unlike, CLASSES)
    assert parameters.classes["scratch"] - parameters.classes["dent"] == pytest.approx(2, abs=0.35)


def test_the_fit_is_the_most_likely_one():
    rng = np.random.default_rng(3)
    matches = simulated(rng, 60, lambda s: s**2) + simulated(rng, 20, lambda s: s**3, "scratch")
    fitted = fitted_to(matches, CLASSES)
    scores = np.array([m.found[0].score for m in matches])
    right = np.array([m.partner[0] >= 0 for m in matches])
    scratch = np.array([m.found[0].label == "scratch" for m in matches])

    def loss(slope, offset, dent, scratched):
        p = sigmoid(slope * logit(scores) + offset + np.where(scratch, scratched, dent))
        prior = (slope - 1) ** 2 / 8 + offset**2 / 8 + (dent**2 + scratched**2) * 2
        return -np.log(np.where(right, p, 1 - p)).sum() + prior

    best = np.array([fitted.slope, fitted.offset, *fitted.classes.values()])
    for direction in [*np.eye(4), *rng.normal(size=(20, 4))]:
        assert loss(*(best + 0.01 * direction)) > loss(*best) < loss(*(best - 0.01 * direction))


def test_a_score_that_tells_all_stays_finite():
    fitted = fitted_to([match((0.9, True), (0.2, False))] * 50, CLASSES)
    assert 1 < fitted.slope < 20
    assert fitted.probability("dent", 0.9) > 0.95 and fitted.probability("dent", 0.2) < 0.05
    for right in (True, False):
        always = fitted_to([match((0.6, right), (1.0, right))] * 50, CLASSES)
        assert (always.probability("dent", 0.6) > 0.5) == right


def test_each_claim_is_calibrated_on_the_others():
    # One claim is all right, the other all wrong: whoever learns from the other one gets it wrong.
    matches = [match((0.5, True))] * 30 + [match((0.5, False))] * 30
    apart = check(matches, ["a"] * 30 + ["b"] * 30)
    assert apart.before.ece == pytest.approx(0.5)
    assert apart.after.ece > 0.8
    mixed = check(matches)  # sixty claims of their own
    assert mixed.after.ece < 0.6
    assert check(matches, ["a"] * 60).after is None
    assert check(matches, ["a"] * 60).parameters is not None


def test_what_is_reported_is_judged_apart():
    matches = [match((0.8, True), (0.3, False), (0.6, True, "scratch"))] * 10
    result = check(matches, lowest={"dent": 0.5, "scratch": 0.7})
    assert (result.detections, result.reported.detections) == (30, 10)
    assert result.reported.before.ece == pytest.approx(0.2)
    assert check(matches, lowest={}).reported.before == check(matches).before
    assert check(matches).reported is None


def test_crowds_and_scores_below_a_tenth_are_left_out():
    on_crowd = match((0.9, True), (0.8, True), (0.05, False))
    on_crowd.partner[0] = CROWD
    assert check([on_crowd, on_crowd]).detections == 2


def test_nothing_found_has_no_calibration():
    for matches in ([], [match()] * 3):
        result = check(matches)
        assert result.detections == 0 and result.parameters is None
        assert result.before.ece is None and result.after is None
        assert fitted_to(matches, CLASSES) is None


def test_the_probability_of_a_model_is_the_curve_of_its_docstring():
    calibration = Calibration(slope=1.5, offset=-0.4, classes={"dent": 0.2})
    assert calibration.probability("dent", 0.7) == pytest.approx(sigmoid(1.5 * logit(0.7) - 0.2))
    assert calibration.probability("scratch", 0.7) == pytest.approx(sigmoid(1.5 * logit(0.7) - 0.4))
    assert 0 < calibration.probability("dent", 0.0) < calibration.probability("dent", 1.0) < 1
    assert Calibration(slope=1e6, offset=0).probability("dent", 1.0) == 1


def test_the_calibration_that_the_model_brings_is_judged_as_it_is():
    matches = [match((0.8, True), (0.8, False))] * 20  # 0.8 is right every second time
    own = Calibration(slope=1.0, offset=-np.log(4))  # and it says so
    report = calibrate(matches, [None] * 20, CLASSES, {}, own)
    assert report.before.ece == pytest.approx(0.3) and report.shipped.ece == pytest.approx(0.0, abs=1e-6)
    assert report.reported.shipped.ece == pytest.approx(0.0, abs=1e-6)
    assert calibrate(matches, [None] * 20, CLASSES).shipped is None
