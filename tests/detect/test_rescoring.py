"""The second opinion on scores."""

import numpy as np
import pytest

from crumple.detect.rescoring import Rescoring, rescored

SCORES = np.array([0.9, 0.5, 0.00001], np.float32)
LABELS = ("dent", "dent", "scratch")


def test_the_default_changes_nothing():
    assert (rescored(SCORES, np.array([0.1, 0.9, 0.5]), LABELS, Rescoring()) == SCORES).all()


def test_odds_are_multiplied():
    new = rescored(np.array([0.5, 0.5, 0.8]), np.array([0.9, 0.1, 0.5]), LABELS, Rescoring(offset=0, score=1, real=0.5))
    assert new.dtype == np.float32
    assert new == pytest.approx([0.75, 0.25, 0.8])  # odds of 1 times 9 to the power of a half
    double = Rescoring(offset=np.log(2), score=0.5)
    assert rescored(np.array([0.8]), np.array([0.5]), ["dent"], double) == pytest.approx([0.8])


def test_a_damage_type_has_odds_of_its_own():
    rescoring = Rescoring(classes={"scratch": np.log(3)})
    assert rescored(np.full(3, 0.5), np.full(3, 0.5), LABELS, rescoring) == pytest.approx([0.5, 0.5, 0.75])
