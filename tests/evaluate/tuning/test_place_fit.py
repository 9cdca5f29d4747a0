"""Calibrations of places, fitted to labels."""

import numpy as np
import pytest

from crumple.detect.place_calibration import PlaceCalibration, SeenCalibration
from crumple.evaluate.tuning.place_fit import fit_places, fit_seen

ROWS = 20_000


def test_places_come_back_with_probabilities_that_hold_on_other_rows():
    rng = np.random.default_rng(3)
    features = np.stack([rng.normal(-2, 3, ROWS), rng.random(ROWS) ** 4, rng.normal(-1, 2, ROWS)], axis=1)
    truth = PlaceCalibration(offset=-0.6, head=0.8, outline=2.5, seen=0.3)
    there = rng.random(ROWS) < truth.probability(features)
    found = fit_places(features[::2], there[::2])
    assert [found.offset, found.head, found.outline, found.seen] == pytest.approx([-0.6, 0.8, 2.5, 0.3], abs=0.2)
    assert (found.name_from, found.second_from, found.side_from) == (0.2, 0.5, 0.6)
    chances, others = found.probability(features[1::2]), there[1::2]
    for least, most in ((0.0, 0.1), (0.3, 0.5), (0.7, 0.9)):
        chosen = (chances >= least) & (chances < most)
        assert others[chosen].mean() == pytest.approx(chances[chosen].mean(), abs=0.04)


def test_what_the_photo_shows_comes_back_too():
    rng = np.random.default_rng(4)
    features = np.stack([rng.normal(-2, 3, ROWS), rng.random(ROWS)], axis=1)
    truth = SeenCalibration(offset=0.4, head=0.7, outline=1.5)
    found = fit_seen(features, rng.random(ROWS) < truth.probability(features))
    assert [found.offset, found.head, found.outline] == pytest.approx([0.4, 0.7, 1.5], abs=0.15)


def test_rows_without_weight_do_not_count():
    rng = np.random.default_rng(5)
    features = np.stack([rng.normal(0, 2, 400), np.zeros(400), np.zeros(400)], axis=1)
    there = features[:, 0] > 0
    contradicted = np.concatenate([features, features]), np.concatenate([there, ~there]), np.repeat([1.0, 0.0], 400)
    assert fit_places(*contradicted) == fit_places(features, there)


def test_a_model_without_place_heads_is_calibrated_by_its_outlines():
    rng = np.random.default_rng(6)
    features = np.zeros((ROWS, 3))
    features[:, 1] = rng.random(ROWS)
    there = rng.random(ROWS) < PlaceCalibration(offset=-4, head=1, outline=7, seen=0).probability(features)
    found = fit_places(features, there)
    assert (found.head, found.seen) == (1, 0)  # nothing speaks against the prior
    assert [found.offset, found.outline] == pytest.approx([-4, 7], abs=0.4)
