"""Constrained agglomeration: from pairs to groups.

N things; a pair's evidence is a number, above 0 where both are one rather than not; NaN where nothing is known of it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def agglomerate(evidence: Floats, never: npt.NDArray[np.bool_], order: Sequence[int]) -> list[list[int]]:
    """Groups of 0 .. N - 1, each ascending, by their first.

    The two groups whose pairs have the largest mean evidence become one, again and again, as long as that is above 0.
    Groups with a pair that is `never` the same stay apart.

    Args:
        evidence, never: (N, N) symmetric.
        order: of the N, by what they are and not by where they stand: settles which of equal merges is first.
    """
    rank = np.empty(len(evidence), np.int64)
    rank[np.array(order, np.int64)] = np.arange(len(evidence))
    groups = []
    # What no pair of positive evidence leads to is in no group: each connected piece is a problem of its own.
    for piece in _pieces(evidence > 0):
        at = np.array(sorted(piece, key=lambda i: rank[i]), np.int64)
        rows = np.ix_(at, at)
        groups += [sorted(int(at[i]) for i in group) for group in _agglomerate(evidence[rows], never[rows])]
    return sorted(groups)


def _pieces(linked: npt.NDArray[np.bool_]) -> list[list[int]]:
    """The connected pieces of a graph (N, N)."""
    free = set(range(len(linked)))
    pieces = []
    while free:
        piece, ends = [], [free.pop()]
        while ends:
            i = ends.pop()
            piece.append(i)
            beyond = free.intersection(np.flatnonzero(linked[i]).tolist())
            free -= beyond
            ends += sorted(beyond)
        pieces.append(piece)
    return pieces


def _agglomerate(evidence: Floats, never: npt.NDArray[np.bool_]) -> list[list[int]]:
    known = (~np.isnan(evidence)).astype(np.float64)
    sums, apart = np.nan_to_num(evidence, nan=0.0), never.copy()
    np.fill_diagonal(apart, True)
    members = [[i] for i in range(len(evidence))]
    while len(members) > 1:
        means = np.where(apart | (known == 0), -np.inf, sums / np.maximum(known, 1))
        i, j = sorted(divmod(int(means.argmax()), len(evidence)))
        if not means[i, j] > 0:
            break
        for values in (sums, known):
            values[i] += values[j]
            values[:, i] = values[i]
        apart[i] |= apart[j]
        apart[:, i] = apart[i]
        apart[j], apart[:, j] = True, True
        members[i], members[j] = members[i] + members[j], []
    return [group for group in members if group]
