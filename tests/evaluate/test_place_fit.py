"""Calibrations of places, fitted to labels."""

import numpy as np
import pytest

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.evaluate.place_fit import fit_places, fit_seen

RNG = np.random.default_rng(3)
ROWS = 20_000
CLAIMS = np.arange(ROWS) // 20


def test_places_come_back_with_probabilities_that_hold_on_other_claims():
    features = np.stack([RNG.normal(-2, 3, ROWS), RNG.random(ROWS) ** 4, RNG.normal(-1, 2, ROWS)], axis=1)
    truth = PlaceCalibration(offset=-0.6, head=0.8, outline=2.5, seen=0.3)
    there = RNG.random(ROWS) < truth.probability(features)
    fit = fit_places(features, there, CLAIMS)
    found = fit.calibration
    assert [found.offset, found.head, found.outline, found.seen] == pytest.approx([-0.6, 0.8, 2.5, 0.3], abs=0.15)
    assert (found.name_from, found.second_from, found.side_from) == (0.2, 0.5, 0.6)
    for least, most in ((0.0, 0.1), (0.3, 0.5), (0.7, 0.9)):
        chosen = (fit.held_out >= least) & (fit.held_out < most)
        assert there[chosen].mean() == pytest.approx(fit.held_out[chosen].mean(), abs=0.04)


def test_what_the_photo_shows_comes_back_too():
    features = np.stack([RNG.normal(-2, 3, ROWS), RNG.random(ROWS)], axis=1)
    truth = SeenCalibration(offset=0.4, head=0.7, outline=1.5)
    fit = fit_seen(features, RNG.random(ROWS) < truth.probability(features), CLAIMS)
    found = fit.calibration
    assert [found.offset, found.head, found.outline] == pytest.approx([0.4, 0.7, 1.5], abs=0.15)


def test_rows_without_weight_do_not_count():
    features = np.stack([RNG.normal(0, 2, 400), np.zeros(400), np.zeros(400)], axis=1)
    there = features[:, 0] > 0
    claims = np.arange(400) // 4
    doubled = np.concatenate([features, features]), np.concatenate([there, ~there]), np.concatenate([claims, claims])
    weights = np.repeat([1.0, 0.0], 400)
    plain, weighted = fit_places(features, there, claims), fit_places(*doubled, weights)
    assert weighted.calibration.head == pytest.approx(plain.calibration.head, abs=1e-4)
    assert weighted.held_out.shape == (800,)


def test_a_model_without_place_heads_is_calibrated_by_its_outlines():
    features = np.zeros((ROWS, 3))
    features[:, 1] = RNG.random(ROWS)
    there = RNG.random(ROWS) < PlaceCalibration(offset=-4, head=1, outline=7, seen=0).probability(features)
    found = fit_places(features, there, CLAIMS).calibration
    assert (found.head, found.seen) == (1, 0)  # nothing speaks against the prior
    assert [found.offset, found.outline] == pytest.approx([-4, 7], abs=0.4)


def test_one_claim_alone_has_nothing_held_out():
    assert fit_seen(np.zeros((4, 2)), np.array([True, False, True, True]), np.zeros(4, int)).held_out is None
