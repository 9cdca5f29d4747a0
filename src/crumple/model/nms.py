"""Exact greedy non-maximum suppression with static shapes.

B images, N candidates.
"""

from keras import ops

from crumple.model.boxes import pairwise_iou


def nms(boxes, valid, iou_threshold: float):
    """Which candidates greedy NMS keeps: the same ones as the sequential algorithm.

    The kept set is the fixed point of "kept = valid and overlapping no kept candidate of higher score". Iterating from
    `valid` settles the first t candidates after t rounds at the latest, in practice all of them after a handful; each
    round is one small matrix product, which every backend and exporter has.

    Args:
        boxes: (B, N, 4) xyxy, sorted by descending score.
        valid: (B, N) bool; the others are never kept and suppress nothing.
        iou_threshold: a candidate is suppressed where its IoU is strictly above.

    Returns: (B, N) bool.
    """
    count = boxes.shape[1]
    rank = ops.arange(count)
    higher = ops.cast(rank[None, :] < rank[:, None], "float32")  # [i, j]: j has the higher score
    overlaps = ops.cast(pairwise_iou(boxes, boxes) > iou_threshold, "float32") * higher
    valid = ops.cast(valid, "float32")

    def step(kept, _):
        suppressed = ops.matmul(overlaps, ops.expand_dims(kept, -1))[..., 0]
        return valid * ops.cast(suppressed < 0.5, "float32"), kept

    def changing(kept, previous):
        return ops.sum(ops.abs(kept - previous)) > 0.5

    # `previous` starts as something no `kept` can equal, also when there is nothing valid: one round at least.
    kept, _ = ops.while_loop(changing, step, (valid, valid - 2.0), maximum_iterations=count)
    return kept > 0.5
