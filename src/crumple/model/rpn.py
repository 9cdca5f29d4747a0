"""Region proposal network (Faster R-CNN, section 3.1): which anchors hold an object, and where its box is.

B images, A anchors, K anchors per cell, N proposals, G ground-truth slots.
"""

import keras
from keras import layers, ops

from crumple.model import boxes as box_ops
from crumple.model.config import ModelConfig
from crumple.model.indexing import gather_rows
from crumple.model.matcher import POSITIVE, match
from crumple.model.nms import nms
from crumple.model.sampling import sample

POSITIVE_IOU, NEGATIVE_IOU = 0.7, 0.3
SAMPLED, SAMPLED_POSITIVES = 256, 128


def rpn_head(name: str, config: ModelConfig) -> keras.Model:
    """One pyramid level (B, H, W, C) -> (B, H * W * K, 5): objectness logit and four box deltas per anchor."""
    inputs = keras.Input((None, None, config.pyramid_channels))
    initializer = keras.initializers.RandomNormal(stddev=0.01)
    x = layers.Conv2D(config.pyramid_channels, 3, padding="same", activation="relu", name=f"{name}_conv")(inputs)
    x = layers.Conv2D(config.anchors_per_cell * 5, 1, kernel_initializer=initializer, name=f"{name}_output")(x)
    # Coordinates are float32 under mixed precision too.
    outputs = layers.Reshape((-1, 5), dtype="float32", name=f"{name}_anchors")(x)
    return keras.Model(inputs, outputs, name=name)


def propose(logits, deltas, anchors, image_size: tuple[int, int], pre_nms: int, iou_threshold: float, count: int):
    """The best `count` proposals after NMS, best first.

    Args:
        logits: (B, A) objectness.
        deltas: (B, A, 4).
        anchors: (A, 4).
        pre_nms: how many anchors reach the NMS.

    Returns: boxes (B, N, 4), inside the image, and valid (B, N) bool.
    """
    logits, deltas = ops.stop_gradient(logits), ops.stop_gradient(deltas)
    _, index = ops.top_k(logits, min(pre_nms, anchors.shape[0]))
    picked = ops.reshape(ops.take(anchors, ops.reshape(index, (-1,)), axis=0), (-1, index.shape[1], 4))
    boxes = box_ops.clip(box_ops.apply_deltas(picked, gather_rows(deltas, index)), *image_size)
    sides = boxes[..., 2:] - boxes[..., :2]
    valid = ops.all(sides >= 1.0, axis=-1)
    kept = nms(boxes, valid, iou_threshold)
    # Order is by score already: ranking by "kept, then position" keeps it.
    position = ops.arange(index.shape[1], dtype="float32")
    priority, order = ops.top_k(ops.where(kept, -position, -1e6), min(count, index.shape[1]))
    return gather_rows(boxes, order), priority > -1e6


def rpn_losses(logits, deltas, anchors, gt_boxes, gt_valid, labelled, seed: keras.random.SeedGenerator):
    """Objectness cross-entropy and L1 on the deltas of positives, over a random sample of anchors.

    Args:
        logits: (B, A).
        deltas: (B, A, 4).
        gt_boxes: (B, G, 4).
        gt_valid: (B, G) bool.
        labelled: (B,) bool; the other images count for nothing.

    Returns: two float32 scalars, each divided by the number of sampled anchors; 0 where nothing is labelled.
    """
    iou = box_ops.pairwise_iou(ops.expand_dims(anchors, 0), gt_boxes)
    matched, kind = match(iou, gt_valid, POSITIVE_IOU, NEGATIVE_IOU, force_best=True)
    index, taken = sample(kind, SAMPLED_POSITIVES, SAMPLED, seed)
    weight = ops.cast(taken & labelled[:, None], "float32")
    positive = ops.cast(gather_rows(kind, index) == POSITIVE, "float32")
    objectness = gather_rows(logits, index)
    cross_entropy = ops.binary_crossentropy(positive, objectness, from_logits=True)
    targets = box_ops.get_deltas(
        ops.take(anchors, ops.reshape(index, (-1,)), axis=0),
        ops.reshape(gather_rows(gt_boxes, gather_rows(matched, index)), (-1, 4)),
    )
    distance = ops.abs(gather_rows(deltas, index) - ops.reshape(targets, (-1, index.shape[1], 4)))
    count = ops.maximum(ops.sum(weight), 1.0)
    box_loss = ops.sum(ops.sum(distance, axis=-1) * weight * positive) / count
    return ops.sum(cross_entropy * weight) / count, box_loss
