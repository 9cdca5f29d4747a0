import numpy as np
import pytest

from crumple.model.nms import nms
from tests.model.test_boxes import iou_oracle, some_boxes

pytestmark = pytest.mark.slow


def sequential_nms(boxes, valid, threshold):
    """Greedy NMS as everyone writes it: take the best, drop what overlaps it, repeat."""
    iou, kept = iou_oracle(boxes, boxes), np.zeros(len(boxes), bool)
    for i in range(len(boxes)):
        if valid[i] and not any(kept[j] and iou[i, j] > threshold for j in range(i)):
            kept[i] = True
    return kept


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.7])
def test_equals_the_sequential_algorithm(seed, threshold):
    boxes = np.stack([some_boxes(60, seed), some_boxes(60, seed + 100, low=30)])
    valid = np.random.default_rng(seed).uniform(size=(2, 60)) > 0.2
    expected = [sequential_nms(b, v, threshold) for b, v in zip(boxes, valid, strict=True)]
    assert np.array_equal(nms(boxes, valid, threshold), expected)


def test_a_long_chain_of_suppression():
    # Each box overlaps the next only: keeping the first frees the third, and so on, one round per box.
    left = np.arange(40, dtype=np.float32) * 4
    boxes = np.stack([left, np.zeros(40), left + 10, np.full(40, 10.0)], axis=-1)[None].astype(np.float32)
    kept = nms(boxes, np.ones((1, 40), bool), 0.4)
    assert np.array_equal(kept[0], np.arange(40) % 2 == 0)


def test_nothing_valid_keeps_nothing():
    assert not np.any(nms(some_boxes(5, 0)[None], np.zeros((1, 5), bool), 0.5))
