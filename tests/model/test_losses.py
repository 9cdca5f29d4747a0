"""The losses against their plain NumPy forms."""

import keras
import numpy as np
import pytest

from crumple.model.box_head import box_losses
from crumple.model.boxes import get_deltas
from crumple.model.matcher import NEGATIVE, POSITIVE
from crumple.model.rpn import rpn_losses

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
ANCHORS = np.array([[0, 0, 20, 20], [40, 0, 60, 20], [0, 40, 20, 60], [40, 40, 60, 60], [8, 0, 28, 20]], np.float32)


def sigmoid_cross_entropy(target, logit):
    return np.log1p(np.exp(-logit)) if target else np.log1p(np.exp(logit))


def test_rpn_losses():
    # Few enough anchors that the sample holds them all. Anchor 0 is the object's, 4 overlaps it by a third and is
    # ignored, the others are negatives; the second object slot is padding.
    logits = RNG.normal(size=(1, 5)).astype(np.float32)
    deltas = RNG.normal(size=(1, 5, 4)).astype(np.float32)
    boxes = np.array([[[1, 1, 19, 21], [0, 0, 0, 0]]], np.float32)
    valid = np.array([[True, False]])
    seed = keras.random.SeedGenerator(0)
    objectness, box = rpn_losses(logits, deltas, ANCHORS, boxes, valid, np.array([True]), seed)
    expected = [sigmoid_cross_entropy(i == 0, logits[0, i]) for i in range(4)]
    assert float(objectness) == pytest.approx(np.sum(expected) / 4, rel=1e-5)
    target = np.asarray(get_deltas(ANCHORS[0], boxes[0, 0]))
    assert float(box) == pytest.approx(np.abs(deltas[0, 0] - target).sum() / 4, rel=1e-5)
    nothing = rpn_losses(logits, deltas, ANCHORS, boxes, valid, np.array([False]), seed)
    assert [float(value) for value in nothing] == [0.0, 0.0]


NONE = np.zeros((1, 3), bool)


def test_a_class_that_nobody_drew_is_no_background():
    # The second RoI is background where class 1 may be, undrawn: either is right, so their probabilities add up.
    logits = RNG.normal(size=(1, 2, 4)).astype(np.float32)
    kind, weight = np.array([[NEGATIVE, NEGATIVE]]), np.array([[0, 1]], np.float32)
    rois, undrawn = ANCHORS[None, :2], np.array([[False, True, False]])
    loss, _ = box_losses(
        logits, np.zeros((1, 2, 4), np.float32), rois, kind, np.zeros((1, 2), int), rois, undrawn, weight
    )
    softmax = np.exp(logits[0, 1]) / np.exp(logits[0, 1]).sum()
    assert float(loss) == pytest.approx(-np.log(softmax[1] + softmax[3]), rel=1e-5)


def test_box_losses():
    logits = RNG.normal(size=(1, 3, 4)).astype(np.float32)  # three classes and the background
    deltas = RNG.normal(size=(1, 3, 4)).astype(np.float32)
    rois = ANCHORS[None, :3]
    gt_boxes = rois + np.float32(3)
    kind = np.array([[POSITIVE, NEGATIVE, NEGATIVE]])
    weight = np.array([[1, 1, 0]], np.float32)
    classes, box = box_losses(logits, deltas, rois, kind, np.array([[2, 0, 0]]), gt_boxes, NONE, weight)
    log_softmax = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    assert float(classes) == pytest.approx(-(log_softmax[0, 0, 2] + log_softmax[0, 1, 3]) / 2, rel=1e-5)
    target = np.asarray(get_deltas(rois[0, 0], gt_boxes[0, 0], (10.0, 10.0, 5.0, 5.0)))
    assert float(box) == pytest.approx(np.abs(deltas[0, 0] - target).sum() / 2, rel=1e-5)
