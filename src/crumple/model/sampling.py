"""Random sub-sampling of positives and negatives with static shapes.

B images, R candidates.
"""

import keras
from keras import ops

from crumple.model.matcher import NEGATIVE, POSITIVE


def sample(kind, positives: int, total: int, seed: keras.random.SeedGenerator):
    """Pick up to `positives` positives at random and fill up with negatives to `total`.

    Args:
        kind: (B, R) int32 from `match`.
        seed: its state makes a resumed run continue with the same draws.

    Returns: indices (B, positives + total) int32 and taken (B, positives + total) bool. The positives' slots come
    first; slots that could not be filled are not taken.
    """
    noise = keras.random.uniform(ops.shape(kind), seed=seed, dtype="float32")

    def draw(wanted, slots):
        slots = min(slots, kind.shape[1])
        priority, index = ops.top_k(ops.where(wanted, noise, -1.0), slots)
        return index, priority >= 0

    positive, positive_taken = draw(kind == POSITIVE, positives)
    negative, negative_taken = draw(kind == NEGATIVE, total)
    filled = ops.sum(ops.cast(positive_taken, "int32"), axis=1, keepdims=True)
    room = ops.arange(negative.shape[1], dtype="int32")[None, :] < total - filled
    return (
        ops.cast(ops.concatenate([positive, negative], axis=1), "int32"),
        ops.concatenate([positive_taken, negative_taken & room], axis=1),
    )
