import numpy as np
import pytest

from crumple.model.mask_head import mask_loss, mask_quality, mask_targets

pytestmark = pytest.mark.slow


def test_the_objects_own_box_gives_its_own_mask():
    rng = np.random.default_rng(0)
    coarse = (rng.uniform(size=(3, 7, 7)) > 0.5).astype(np.uint8)
    masks = np.kron(coarse, np.ones((1, 16, 16), np.uint8))
    boxes = np.array([[10, 20, 80, 61], [0, 0, 5, 5], [3, 4, 100, 9]], np.float32)
    assert np.array_equal(mask_targets(boxes, boxes, masks, 28), np.kron(coarse, np.ones((1, 4, 4))))


def test_a_roi_beyond_the_object_sees_it_in_place():
    # A full mask in [20, 40] x [20, 40], seen from [0, 60] x [0, 60] on 12 cells of 5 pixels: cells 4 to 7.
    targets = mask_targets(
        np.array([[0, 0, 60, 60]], np.float32), np.array([[20, 20, 40, 40]], np.float32), np.ones((1, 112, 112)), 12
    )
    expected = np.zeros((12, 12))
    expected[4:8, 4:8] = 1
    assert np.array_equal(targets[0], expected)


def test_a_roi_far_from_the_object_is_empty():
    far = mask_targets(
        np.array([[100, 100, 160, 160]], np.float32), np.array([[20, 20, 40, 40]], np.float32), np.ones((1, 8, 8)), 4
    )
    assert not np.any(far)


def test_loss_ignores_rois_without_weight_and_is_zero_without_any():
    logits = np.stack([np.full((4, 4), 9.0), np.full((4, 4), -9.0)]).astype(np.float32)
    targets = np.ones((2, 4, 4), np.float32)
    assert float(mask_loss(logits, targets, np.array([1.0, 0.0], np.float32))) < 1e-3
    assert float(mask_loss(logits, targets, np.array([0.0, 1.0], np.float32))) > 8
    assert float(mask_loss(logits, targets, np.zeros(2, np.float32))) == 0


def test_quality_is_the_mean_probability_of_what_a_mask_covers():
    masks = np.array([[[0.9, 0.7], [0.1, 0.4]], [[0.5, 0.0], [0.0, 0.49]], [[0.4, 0.3], [0.2, 0.1]]], np.float32)
    assert np.allclose(mask_quality(masks[None]), [[0.8, 0.5, 0.0]])
