"""Proposals and final detections against their plain NumPy forms."""

import numpy as np
import pytest

from crumple.model.anchors import generate_anchors
from crumple.model.box_head import detect, vote
from crumple.model.rpn import propose
from tests.model.test_boxes import some_boxes
from tests.model.test_nms import sequential_nms
from tests.model.tiny import tiny_config

pytestmark = pytest.mark.slow


def test_anchors_lie_on_their_cells_and_survive_half_precision():
    config = tiny_config()
    anchors = generate_anchors(config)
    cells = sum((128 // s) * (192 // s) for s in config.pyramid_strides)
    assert anchors.shape == (cells * 6, 4)
    first = anchors[:6]
    assert np.allclose((first[:, :2] + first[:, 2:]) / 2, 4.0)  # the first cell of stride 8
    ratios = (first[:, 3] - first[:, 1]) / (first[:, 2] - first[:, 0])
    assert np.allclose(ratios, [0.5, 1, 2, 0.5, 1, 2], rtol=0.1)
    assert np.array_equal(anchors, anchors.astype(np.float16).astype(np.float32))


def test_proposals_are_the_best_boxes_after_nms():
    rng = np.random.default_rng(0)
    anchors = np.clip(some_boxes(120, 1), 0, 128)
    anchors[:, 2:] = np.maximum(anchors[:, 2:], anchors[:, :2] + 2)
    logits = rng.normal(size=(1, 120)).astype(np.float32)
    boxes, valid = propose(logits, np.zeros((1, 120, 4), np.float32), anchors, (200, 200), 60, 0.5, 10)
    order = np.argsort(-logits[0])[:60]
    kept = order[sequential_nms(anchors[order], np.ones(60, bool), 0.5)][:10]
    assert np.array_equal(valid, [[True] * len(kept) + [False] * (10 - len(kept))])
    assert np.allclose(np.asarray(boxes)[0, : len(kept)], anchors[kept], atol=1e-3)


def test_a_proposal_off_the_image_is_not_valid():
    anchors = np.array([[-50, -50, -10, -10], [10, 10, 30, 30]], np.float32)
    boxes, valid = propose(
        np.array([[5.0, 1.0]], np.float32), np.zeros((1, 2, 4), np.float32), anchors, (64, 64), 2, 0.7, 2
    )
    assert np.array_equal(valid, [[True, False]])
    assert np.allclose(np.asarray(boxes)[0, 0], anchors[1])


def test_detections_are_nms_within_each_class():
    rois = np.array([[[0, 0, 20, 20], [1, 0, 20, 20], [50, 50, 70, 70], [0, 0, 9, 9]]], np.float32)
    logits = np.log(np.array([[[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1]]], np.float32))
    valid = np.array([[True, True, True, False]])
    boxes, scores, labels = detect(logits, np.zeros((1, 4, 4), np.float32), rois, valid, (100, 100), 8, 0.5, 6)
    # By score: RoI 2 as class 1, RoI 0 as class 0, RoI 1 as class 1 (RoI 0 as class 1 overlaps it and is weaker),
    # RoI 2 as class 0; the invalid RoI appears nowhere.
    assert np.allclose(scores[0], [0.8, 0.7, 0.3, 0.1, 0, 0], atol=1e-5)
    assert np.array_equal(labels[0][:4], [1, 0, 1, 0])
    # RoI 0 and RoI 1 stand for one another, each by its score in that class.
    assert np.allclose(
        np.asarray(boxes)[0, :4], [rois[0, 2], [0.6 / 1.3, 0, 20, 20], [0.3 / 0.5, 0, 20, 20], rois[0, 2]], atol=1e-3
    )


def test_boxes_that_voting_brings_together_are_one():
    # RoI 0 and RoI 2 overlap by a third only, but RoI 1 between them counts for both.
    rois = np.array([[[0, 0, 20, 20], [5, 0, 25, 20], [10, 0, 30, 20], [60, 60, 80, 80]]], np.float32)
    logits = np.log(np.array([[[0.8, 0.2], [0.7, 0.3], [0.6, 0.4], [0.5, 0.5]]], np.float32))
    every = np.ones((1, 4), bool)
    boxes, scores, _ = detect(logits, np.zeros((1, 4, 4), np.float32), rois, every, (100, 100), 4, 0.5, 3)
    assert np.allclose(scores[0], [0.8, 0.5, 0], atol=1e-5)
    assert np.allclose(boxes[0, :2], [[3.5 / 1.5, 0, 20 + 3.5 / 1.5, 20], [60, 60, 80, 80]], atol=1e-3)


def test_a_box_that_stands_for_nothing_stays():
    kept = np.array([[[5, 5, 5, 5], [0, 0, 10, 10]]], np.float32)
    boxes = np.array([[[5, 5, 5, 5], [0, 0, 10, 10], [0, 0, 20, 10]]], np.float32)
    overlap = np.array([[[False, False, False], [False, True, True]]])
    voted = vote(kept, overlap, boxes, np.array([[0.9, 0.6, 0.2]], np.float32))
    assert np.allclose(voted[0], [[5, 5, 5, 5], [0, 0, 12.5, 10]], atol=1e-4)
