"""Which ground-truth object each anchor or proposal stands for.

B images, R anchors or proposals, G ground-truth slots (padded).
"""

from keras import ops

IGNORED, NEGATIVE, POSITIVE = -1, 0, 1


def match(iou, valid, positive_iou: float, negative_iou: float, force_best: bool):
    """Assign by IoU (Faster R-CNN, 3.1.2).

    Args:
        iou: (B, R, G).
        valid: (B, G) bool; padded slots match nothing and force nothing.
        positive_iou: at or above it a candidate is positive.
        negative_iou: below it a candidate is negative; between the two it is ignored.
        force_best: also make positive the candidates that overlap an object most, however little.

    Returns: object index (B, R) int32 and kind (B, R) int32 (POSITIVE, NEGATIVE or IGNORED).
    """
    iou = ops.where(valid[:, None, :], iou, -1.0)
    best = ops.max(iou, axis=-1)
    index = ops.cast(ops.argmax(iou, axis=-1), "int32")
    positive = best >= positive_iou
    if force_best:
        # Only real objects with some overlap: a padded slot's best overlap is -1 and equals every candidate's.
        per_object = ops.max(iou, axis=1, keepdims=True)
        forced = ops.any((iou >= per_object) & (per_object > 0), axis=-1)
        positive = positive | forced
    kind = ops.where(positive, POSITIVE, ops.where(best < negative_iou, NEGATIVE, IGNORED))
    return index, ops.cast(kind, "int32")
