"""What all pairs of a case say of one of them: rivals for the same finding, and findings that both are like.

N: findings; K: pairs; a pair's logit is log(p / (1 - p)) of the probability that both are one damage.
"""

import numpy as np
import numpy.typing as npt

from crumple.detect.logits import logistic

Floats = npt.NDArray[np.float64]

CONTEXT = ("logit", "rivals_of_one", "rivals_of_both", "friends", "best_friend", "strangers")
NONE = -12.0  # the logit of pairs that are not thought possible
MOST = 16.0  # and of those that could not be surer
FAINT = -6.0  # a best friend is at least that good


def context(pairs: npt.NDArray[np.int64], logits: Floats, photos: npt.NDArray[np.int64]) -> Floats:
    """(K, F) columns as in `CONTEXT`, of pairs (K, 2) with their logits (K,); photos: (N,) of the findings.

    rivals: how likely one of the two is rather the same as another finding of the other's photo; the larger, the
    smaller of both. friends: findings of third photos that may be the same as both; the best of them.
    strangers: third photos on which the two are most like different findings.
    """
    n = len(photos)
    table = np.full((n, n), NONE)
    i, j = pairs[:, 0], pairs[:, 1]
    table[i, j] = table[j, i] = np.clip(logits, NONE, MOST)
    odds = np.exp(table)
    names, at = np.unique(photos, return_inverse=True)
    on = (at[:, None] == np.arange(len(names))).astype(np.float64)  # (N, photos)
    rivals = odds @ on
    own = odds[i, j]
    of_one, of_other = rivals[i, at[j]] - own, rivals[j, at[i]] - own
    # Of each finding, its most likely fellow on each photo, and how likely that is.
    best = np.zeros((n, len(names)), np.int64)
    chance = np.zeros((n, len(names)))
    for photo in range(len(names)):
        members = np.flatnonzero(at == photo)
        best[:, photo] = members[table[:, members].argmax(axis=1)]
        chance[:, photo] = logistic(table[:, members].max(axis=1))
    features = np.zeros((len(pairs), len(CONTEXT)))
    for row, (a, b) in zip(features, pairs.tolist(), strict=True):
        both = np.minimum(table[a], table[b])
        apart = (chance[a] * chance[b])[best[a] != best[b]].sum()
        row[3:] = np.log1p(np.exp(both).sum()), max(float(both.max()), FAINT), np.log1p(apart)
    features[:, 0] = np.clip(logits, NONE, MOST)
    features[:, 1] = np.log1p(np.maximum(np.maximum(of_one, of_other), 0))
    features[:, 2] = np.log1p(np.maximum(np.minimum(of_one, of_other), 0))
    return features
