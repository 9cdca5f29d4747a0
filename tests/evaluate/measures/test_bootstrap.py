import numpy as np
import pytest

from crumple.evaluate.measures.bootstrap import Difference, Estimate, defined_mean, estimate, paired, ratio, resamples


def test_the_first_row_is_the_photos_as_they_are_and_the_others_draw_claims():
    groups = ["a", "b", "a", None, None, "c"]
    weights = resamples(groups, count=50, seed=3)
    assert weights.shape == (51, 6)
    assert (weights[0] == 1).all()
    assert (weights[:, 0] == weights[:, 2]).all()  # one claim
    assert (weights[:, 3] != weights[:, 4]).any()  # two claims, though neither has a name
    assert (weights[:, [0, 1, 3, 4, 5]].sum(axis=1) == 5).all()
    assert (weights == weights.round()).all() and weights.min() == 0


def test_the_seed_decides():
    groups = [None] * 20
    assert (resamples(groups, 10, seed=1) == resamples(groups, 10, seed=1)).all()
    assert (resamples(groups, 10, seed=1) != resamples(groups, 10, seed=2)).any()
    assert resamples(groups).shape == (1001, 20)


def test_a_claim_named_like_a_number_is_no_photo_without_claim():
    weights = resamples([None, "0", "0"], count=40)
    assert (weights[:, 0] != weights[:, 1]).any()


def test_the_interval_of_a_share_is_the_binomial_one():
    # 40 of 100 photos are right: standard error sqrt(0.4 * 0.6 / 100) = 0.049, so about 0.304 to 0.496.
    right = np.repeat([1.0, 0.0], [40, 60])
    weights = resamples([None] * 100, count=4000)
    share = estimate(ratio(weights @ right, weights.sum(axis=1)))
    assert share.value == pytest.approx(0.4)
    assert share.low == pytest.approx(0.304, abs=0.015) and share.high == pytest.approx(0.496, abs=0.015)


def test_photos_of_one_claim_are_one_piece_of_evidence():
    # The same 100 photos in 25 claims of four photos alike: a quarter of the evidence, twice the width.
    right = np.repeat([1.0, 0.0], [40, 60])
    weights = resamples([str(i // 4) for i in range(100)], count=4000)
    share = estimate(ratio(weights @ right, weights.sum(axis=1)))
    assert share.value == pytest.approx(0.4)
    assert share.high - share.low == pytest.approx(2 * (0.496 - 0.304), abs=0.03)


def test_undefined_figures_have_no_interval():
    assert estimate(np.full(11, np.nan)) == Estimate(value=None)
    assert estimate(np.array([np.nan, *np.ones(10)])) == Estimate(value=None)
    assert estimate(np.array([0.5])) == Estimate(value=0.5)  # no resamples
    # A class that one claim shows is missing from a third of the resamples: no interval, not one of no width.
    weights = resamples([None] * 30, count=500)
    objects, hits = np.eye(30)[0], np.eye(30)[0]
    assert estimate(ratio(weights @ hits, weights @ objects)) == Estimate(value=1.0)
    # Seven of seven found is so in every resample, which is no proof that the eighth will be.
    weights = resamples([None] * 7)
    assert estimate(ratio(weights.sum(axis=1), weights.sum(axis=1))) == Estimate(value=1.0)
    # A resample in forty-two without the figure is passed over.
    passed = estimate(np.array([0.5, *np.linspace(0, 1, 41), np.nan]))
    assert (passed.low, passed.high) == pytest.approx((0.025, 0.975))


def test_no_photos():
    weights = resamples([])
    assert weights.shape == (1001, 0)
    assert estimate(ratio(weights.sum(axis=1), weights.sum(axis=1))) == Estimate(value=None)


def test_a_ratio_without_a_whole_is_undefined():
    assert np.isnan(ratio(np.array([0.0, 1.0]), np.array([0, 0]))).all()
    assert ratio(np.array([[1.0, 2.0]]), np.array([[2], [4]])).tolist() == [[0.5, 1.0], [0.25, 0.5]]


def test_the_mean_leaves_out_what_is_undefined():
    assert defined_mean(np.array([[1.0, np.nan, 0.0], [0.5, 0.5, 0.5]])).tolist() == [0.5, 0.5]
    assert np.isnan(defined_mean(np.full((2, 3), np.nan))).all()
    assert np.isnan(defined_mean(np.zeros((2, 0)))).all()


def test_a_paired_difference_cancels_what_is_hard_for_both():
    # Photos differ widely, and B is 0.02 worse on each: each figure is uncertain, the difference is not.
    rng = np.random.default_rng(0)
    a = rng.random(80)
    weights = resamples([None] * 80)
    mine, theirs = (ratio(weights @ figure, weights.sum(axis=1)) for figure in (a, a - 0.02))
    assert estimate(mine).low < estimate(theirs).high
    result = paired(mine, theirs)
    assert result.difference == pytest.approx(0.02)
    assert result.low == pytest.approx(0.02) and not result.noise
    opposite = paired(theirs, mine)
    assert opposite.difference == pytest.approx(-0.02) and not opposite.noise


def test_a_difference_that_other_photos_turn_round_is_noise():
    rng = np.random.default_rng(1)
    weights = resamples([None] * 50)
    a, b = (ratio(weights @ rng.random(50), weights.sum(axis=1)) for _ in range(2))
    result = paired(a, b)
    assert result.low < 0 < result.high and result.noise
    assert paired(a, a) == Difference(difference=0.0, low=0.0, high=0.0, noise=True)
    nothing = np.full_like(a, np.nan)
    assert paired(a, nothing) == Difference(difference=None, low=None, high=None, noise=True)
