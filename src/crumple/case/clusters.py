"""Constrained agglomeration: from the probabilities of pairs to groups.

N things; a pair's evidence is a logit, log(p / (1 - p)).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def agglomerate(logits: Floats, never: npt.NDArray[np.bool_], order: Sequence[int]) -> list[list[int]]:
    """Groups of 0 .. N - 1, each ascending, by their first.

    The two groups whose pairs have the largest mean logit become one, again and again, as long as that is above 0: then
    they are the same more probably than not. Groups with a pair that is `never` the same stay apart.

    Args:
        logits: (N, N) symmetric; of pairs that nothing is known of -inf. never: (N, N) symmetric.
        order: of the N, by what they are and not by where they stand: settles which of equal merges is first.
    """
    n = len(logits)
    at = np.array(order, np.int64)
    mean, apart = logits[np.ix_(at, at)].astype(np.float64), never[np.ix_(at, at)].copy()
    np.fill_diagonal(apart, True)
    mean[apart] = -np.inf
    sizes = np.ones(n)
    members: list[list[int]] = [[int(i)] for i in at]
    alive = np.ones(n, bool)
    while alive.sum() > 1:
        best = int(mean.argmax())
        i, j = sorted(divmod(best, n))
        if not mean[i, j] > 0:
            break
        apart[i] |= apart[j]
        with np.errstate(invalid="ignore"):
            joined = (sizes[i] * mean[i] + sizes[j] * mean[j]) / (sizes[i] + sizes[j])
        joined[apart[i]] = -np.inf
        mean[i], mean[:, i], apart[:, i] = joined, joined, apart[i]
        mean[j], mean[:, j] = -np.inf, -np.inf
        sizes[i] += sizes[j]
        members[i] += members[j]
        members[j] = []
        alive[j] = False
    return sorted(sorted(group) for group in members if group)
