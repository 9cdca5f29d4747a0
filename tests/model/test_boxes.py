import numpy as np
import pytest
from keras import ops

from crumple.model import boxes

pytestmark = pytest.mark.slow


def some_boxes(count, seed, low=1.0, high=60.0):
    rng = np.random.default_rng(seed)
    corner = rng.uniform(-20, 100, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(low, high, (count, 2))], axis=-1).astype(np.float32)


def iou_oracle(a, b):
    result = np.zeros((len(a), len(b)))
    for i, (ax0, ay0, ax1, ay1) in enumerate(a):
        for j, (bx0, by0, bx1, by1) in enumerate(b):
            w, h = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
            both = max(w, 0) * max(h, 0)
            result[i, j] = both / ((ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - both)
    return result


def test_iou_equals_the_oracle():
    a, b = some_boxes(17, 0), some_boxes(9, 1)
    assert np.allclose(boxes.pairwise_iou(a, b), iou_oracle(a, b), atol=1e-6)


def test_iou_of_empty_boxes_is_zero_and_finite():
    assert np.array_equal(boxes.pairwise_iou(np.zeros((1, 4), "float32"), np.zeros((2, 4), "float32")), [[0.0, 0.0]])


def test_iou_keeps_leading_axes():
    a = np.stack([some_boxes(4, s) for s in range(3)])
    b = np.stack([some_boxes(5, s + 9) for s in range(3)])
    expected = np.stack([iou_oracle(x, y) for x, y in zip(a, b, strict=True)])
    assert np.allclose(boxes.pairwise_iou(a, b), expected, atol=1e-6)


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)])
def test_apply_deltas_inverts_get_deltas(weights):
    anchors, targets = some_boxes(50, 2), some_boxes(50, 3)
    deltas = boxes.get_deltas(anchors, targets, weights)
    assert np.allclose(boxes.apply_deltas(anchors, deltas, weights), targets, atol=1e-3)


def test_deltas_mean_what_the_paper_says():
    deltas = boxes.get_deltas(np.array([[0.0, 0, 10, 20]], "float32"), np.array([[5.0, 10, 25, 30]], "float32"))
    assert np.allclose(deltas, [[1.0, 0.5, np.log(2.0), 0.0]], atol=1e-6)


def test_a_diverged_delta_stays_finite():
    moved = boxes.apply_deltas(np.array([[0.0, 0, 16, 16]], "float32"), np.array([[0.0, 0, 1e6, 1e6]], "float32"))
    width = float(moved[0, 2] - moved[0, 0])
    assert width == pytest.approx(1000, rel=1e-4)


def test_padding_gives_finite_deltas():
    assert np.isfinite(boxes.get_deltas(some_boxes(3, 0), np.zeros((3, 4), "float32"))).all()


def test_clip():
    clipped = boxes.clip(ops.convert_to_tensor([[-5.0, 3.0, 300.0, 70.0]]), 64, 128)
    assert np.array_equal(clipped, [[0.0, 3.0, 128.0, 64.0]])
