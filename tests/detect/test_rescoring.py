"""The second opinion on scores."""

import numpy as np
import pytest

from crumple.detect.rescoring import Rescoring, damaged_there, rescored

SCORES = np.array([0.9, 0.5, 0.00001], np.float32)


def test_the_default_changes_nothing():
    assert (rescored(SCORES, np.array([0.1, 0.9, 0.5]), Rescoring()) == SCORES).all()


def test_the_place_where_it_most_probably_lies_counts():
    places = np.array([[0.2, 0.7, 0.1], [0.0, 0.3, 0.4]], np.float32)
    assert damaged_there(places, np.array([0.9, 0.2, 0.6])).tolist() == [0.2, 0.6]


def test_odds_are_multiplied():
    new = rescored(np.array([0.5, 0.5, 0.8]), np.array([0.9, 0.1, 0.5]), Rescoring(offset=0, score=1, damaged=0.5))
    assert new.dtype == np.float32
    assert new == pytest.approx([0.75, 0.25, 0.8])  # odds of 1 times 9 to the power of a half
    assert rescored(np.array([0.8]), np.array([0.5]), Rescoring(offset=np.log(2), score=0.5)) == pytest.approx([0.8])
