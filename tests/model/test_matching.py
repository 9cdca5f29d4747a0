import keras
import numpy as np
import pytest

from crumple.model.indexing import gather_rows
from crumple.model.matcher import IGNORED, NEGATIVE, POSITIVE, match
from crumple.model.sampling import sample

pytestmark = pytest.mark.slow


def match_oracle(iou, valid, high, low, force):
    kinds, indices = [], []
    for row in iou:
        scores = np.where(valid, row, -1)
        indices.append(int(scores.argmax()))
        best = scores.max()
        kinds.append(POSITIVE if best >= high else NEGATIVE if best < low else IGNORED)
    if force:
        for column in np.flatnonzero(valid):
            best = iou[:, column].max()
            if best > 0:
                for row in np.flatnonzero(iou[:, column] >= best):
                    kinds[row] = POSITIVE
    return indices, kinds


def test_match_equals_the_oracle():
    rng = np.random.default_rng(0)
    iou = rng.uniform(size=(3, 40, 5)).astype(np.float32) * 0.9
    valid = np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]], bool)
    for force in (False, True):
        index, kind = match(iou, valid, 0.7, 0.3, force)
        for image in range(3):
            indices, kinds = match_oracle(iou[image], valid[image], 0.7, 0.3, force)
            assert np.array_equal(kind[image], kinds)
            if valid[image].any():
                assert np.array_equal(index[image], indices)


def test_padding_forces_nothing():
    """keras-hub's BoxMatcher makes every anchor positive for a padded object: its best overlap is every overlap."""
    _, kind = match(np.zeros((1, 8, 2), np.float32), np.zeros((1, 2), bool), 0.7, 0.3, True)
    assert np.all(kind == NEGATIVE)


def test_an_object_that_overlaps_nothing_forces_nothing():
    _, kind = match(np.zeros((1, 8, 1), np.float32), np.ones((1, 1), bool), 0.7, 0.3, True)
    assert np.all(kind == NEGATIVE)


def test_sample_takes_what_it_may_and_no_more():
    kind = np.full((3, 50), NEGATIVE, np.int32)
    kind[0, :30] = POSITIVE  # more positives than wanted
    kind[1, :3] = POSITIVE  # fewer: negatives fill up
    kind[2] = IGNORED  # nothing to take
    index, taken = sample(kind, 8, 20, keras.random.SeedGenerator(1))
    index, taken = np.asarray(index), np.asarray(taken)
    kinds = [kind[i][index[i][taken[i]]] for i in range(3)]
    assert [(k == POSITIVE).sum() for k in kinds] == [8, 3, 0]
    assert [(k == NEGATIVE).sum() for k in kinds] == [12, 17, 0]
    for i in range(3):
        chosen = index[i][taken[i]]
        assert len(set(chosen)) == len(chosen)


def test_sample_is_random_and_repeatable():
    kind = np.full((1, 200), POSITIVE, np.int32)
    first, again, other = (
        np.asarray(sample(kind, 10, 10, keras.random.SeedGenerator(seed))[0])[:, :10] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_gather_rows():
    values = np.arange(2 * 5 * 3).reshape(2, 5, 3)
    index = np.array([[4, 0], [1, 1]])
    assert np.array_equal(gather_rows(values, index), np.stack([values[0][[4, 0]], values[1][[1, 1]]]))
