"""Box head (Fast R-CNN): what a RoI shows, and its box refined.

B images, R RoIs per image, C classes (class C is the background), P pool bins, N candidates,
D detections.
"""

import keras
from keras import layers, ops

from crumple.model import boxes as box_ops
from crumple.model.config import ModelConfig
from crumple.model.indexing import gather_rows
from crumple.model.matcher import POSITIVE
from crumple.model.nms import nms

DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def box_head(name: str, num_classes: int, config: ModelConfig) -> keras.Model:
    """Pooled RoIs (N, P, P, channels) -> class logits (N, C + 1) and class-agnostic box deltas (N, 4), float32."""
    inputs = keras.Input((config.box_pool, config.box_pool, config.pyramid_channels))
    x = layers.Flatten(name=f"{name}_flatten")(inputs)
    x = layers.Dense(config.box_units, activation="relu", name=f"{name}_dense1")(x)
    x = layers.Dense(config.box_units, activation="relu", name=f"{name}_dense2")(x)

    def output(units: int, spread: float, kind: str):
        initializer = keras.initializers.RandomNormal(stddev=spread)
        return layers.Dense(units, kernel_initializer=initializer, dtype="float32", name=f"{name}_{kind}")(x)

    return keras.Model(inputs, [output(num_classes + 1, 0.01, "logits"), output(4, 0.001, "deltas")], name=name)


def box_losses(logits, deltas, rois, kind, gt_labels, gt_boxes, undrawn, weight):
    """Cross-entropy over classes and background, and L1 on the positives' deltas.

    Args:
        logits: (B, R, C + 1).
        deltas: (B, R, 4).
        rois: (B, R, 4).
        kind: (B, R), POSITIVE where a RoI stands for an object.
        gt_labels, gt_boxes: (B, R) int and (B, R, 4) of the matched objects.
        undrawn: (B, C) bool, the classes that an image may show without a label: background may be any of them.
        weight: (B, R) float, 0 for RoIs that do not count.

    Returns: two float32 scalars, each divided by the number of RoIs that count.
    """
    positive = kind == POSITIVE
    background = logits.shape[-1] - 1
    target = ops.where(positive, gt_labels, background)
    log_probabilities = ops.log_softmax(logits, axis=-1)
    of_target = ops.take_along_axis(log_probabilities, target[..., None], axis=-1)[..., 0]
    allowed = ops.pad(ops.where(undrawn, 0.0, -1e9), ((0, 0), (0, 1)))  # and the background itself
    of_background = ops.logsumexp(log_probabilities + allowed[:, None], axis=-1)
    cross_entropy = -ops.where(positive, of_target, of_background)
    distance = ops.abs(deltas - box_ops.get_deltas(rois, gt_boxes, DELTA_WEIGHTS))
    count = ops.maximum(ops.sum(weight), 1.0)
    box_loss = ops.sum(ops.sum(distance, axis=-1) * weight * ops.cast(positive, "float32")) / count
    return ops.sum(cross_entropy * weight) / count, box_loss


def detect(logits, deltas, rois, valid, image_size: tuple[int, int], pre_nms: int, iou_threshold: float, count: int):
    """Final boxes: every (RoI, class) pair is a candidate; NMS within each class, then `vote`, and again, for
    voting brings some boxes together.

    Args:
        logits: (B, R, C + 1).
        deltas: (B, R, 4).
        rois: (B, R, 4).
        valid: (B, R) bool.

    Returns: boxes (B, D, 4), scores (B, D) descending with 0 in empty slots, labels (B, D) int32.
    """
    classes = logits.shape[-1] - 1
    probabilities = ops.softmax(logits, axis=-1)[..., :-1] * ops.cast(valid, "float32")[..., None]
    pairs = rois.shape[1] * classes
    scores, pair = ops.top_k(ops.reshape(probabilities, (-1, pairs)), min(pre_nms, pairs))
    pair = ops.cast(pair, "int32")
    labels = pair % classes
    boxes = box_ops.clip(box_ops.apply_deltas(rois, deltas, DELTA_WEIGHTS), *image_size)
    boxes = gather_rows(boxes, pair // classes)
    # One NMS for all classes: classes are moved so far apart that they cannot overlap.
    apart = ops.cast(labels, "float32")[..., None] * float(max(image_size) + 1)
    kept = nms(boxes + apart, scores > 0, iou_threshold)
    best, order = ops.top_k(ops.where(kept, scores, 0.0), min(count, pre_nms, pairs))
    labels, apart_best = gather_rows(labels, order), gather_rows(apart, order)
    winners = gather_rows(boxes, order)
    overlap = box_ops.pairwise_iou(winners + apart_best, boxes + apart) > iou_threshold
    voted = vote(winners, overlap, boxes, scores)
    kept = nms(voted + apart_best, best > 0, iou_threshold)
    best, order = ops.top_k(ops.where(kept, best, 0.0), best.shape[1])
    return gather_rows(voted, order), best, gather_rows(labels, order)


def vote(kept, overlap, boxes, scores):
    """Box voting (Gidaris and Komodakis 2015): each kept box becomes the mean of those it stands for, by their scores.

    Args:
        kept: (B, D, 4).
        overlap: (B, D, N) bool, which of the candidates each stands for; one that stands for none stays as it is.
        boxes, scores: (B, N, 4) and (B, N) of the candidates.

    Returns: (B, D, 4).
    """
    weights = ops.cast(overlap, "float32") * scores[:, None, :]
    # Sums of products and no matrix product, whose operands a quantiser would round.
    moves = ops.sum(weights[..., None] * (boxes[:, None] - kept[:, :, None]), axis=2)
    return kept + moves / ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-6)
