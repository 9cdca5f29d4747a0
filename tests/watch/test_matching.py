import numpy as np
import pytest

from crumple.watch.matching import likeness, match


def test_likeness_is_intersection_over_union_of_the_grown_boxes():
    a, b = np.array([[0, 0, 10, 10]]), np.array([[5, 0, 15, 10], [20, 20, 30, 30]])
    np.testing.assert_allclose(likeness(a, b, 0.0), [[1 / 3, 0]])
    np.testing.assert_allclose(likeness(a, b, 1.0)[0, 0], 7 * 12 / (2 * 144 - 7 * 12))


def test_a_scratch_that_moved_by_its_own_height_is_still_alike():
    scratch, moved = np.array([[0, 50, 200, 54]]), np.array([[2, 54, 202, 58]])
    assert likeness(scratch, moved, 0.0) == pytest.approx(0) and likeness(scratch, moved, 10.0) > 0.6


def test_no_boxes():
    assert likeness(np.array([]), np.array([[0, 0, 1, 1]]), 1.0).shape == (0, 1)
    assert match(np.zeros((0, 1)), 0.1) == []


def test_the_most_alike_come_first_and_each_once():
    values = np.array([[0.9, 0.8, 0.0], [0.85, 0.2, 0.0], [0.0, 0.1, 0.3]])
    assert match(values, 0.15) == [(0, 0), (2, 2), (1, 1)]
    assert match(values, 0.25) == [(0, 0), (2, 2)]
