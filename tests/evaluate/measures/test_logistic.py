"""Logistic regression with few coefficients."""

import numpy as np
import pytest

from crumple.detect.logits import logistic
from crumple.evaluate.measures.logistic import claim_folds, fit


def drawn(coefficients, rows=20_000, seed=0):
    """Features with a constant, and what became of them by these coefficients."""
    rng = np.random.default_rng(seed)
    features = np.concatenate([np.ones((rows, 1)), rng.normal(size=(rows, len(coefficients) - 1))], axis=1)
    return features, rng.random(rows) < logistic(features @ np.array(coefficients))


def test_coefficients_come_back():
    truth = [-0.5, 1.2, -0.7]
    features, right = drawn(truth)
    assert fit(features, right, np.zeros(3), np.full(3, 10.0)) == pytest.approx(truth, abs=0.07)


def test_a_constant_alone_is_the_share_that_is_right():
    right = np.arange(10) < 7
    [offset] = fit(np.ones((10, 1)), right, np.zeros(1), np.full(1, 1e3))
    assert logistic(offset) == pytest.approx(0.7, abs=1e-4)
    weights = np.where(right, 1.0, 7.0)
    [offset] = fit(np.ones((10, 1)), right, np.zeros(1), np.full(1, 1e3), weights)
    assert logistic(offset) == pytest.approx(7 / 28, abs=1e-4)


def test_without_rows_the_prior_stays_and_few_rows_move_it_little():
    centre, sd = np.array([0.5, 1.0]), np.array([0.1, 0.1])
    assert fit(np.zeros((0, 2)), np.zeros(0, bool), centre, sd) == pytest.approx(centre)
    assert fit(np.ones((1, 2)), np.zeros(1, bool), centre, sd) == pytest.approx(centre, abs=0.02)


def test_what_is_told_apart_completely_stays_finite():
    features = np.stack([np.ones(20), np.linspace(-1, 1, 20)], axis=1)
    coefficients = fit(features, features[:, 1] > 0, np.zeros(2), np.full(2, 2.0))
    assert np.isfinite(coefficients).all() and coefficients[1] > 2


def test_claims_stay_in_one_fold():
    claims = np.repeat(np.arange(12), 3)
    folds = claim_folds(claims)
    assert len(folds) == 5 and (np.sum(folds, axis=0) == 1).all()
    for fold in folds:
        assert not set(claims[fold]) & set(claims[~fold])
    assert len(claim_folds(np.array([0, 1, 1]))) == 2
    assert claim_folds(np.zeros(4, int)) == []
