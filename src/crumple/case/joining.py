"""Joining: findings of many photos -> physical damages.

Each pair of findings gets the probability that both are one damage; groups grow from the most probable pairs on, and a
group is never on both sides of the vehicle and holds two findings of one photo only if one lies in the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from crumple.case.clusters import agglomerate
from crumple.case.likeness import place_likeness, spread, sure_side, type_likeness
from crumple.case.observations import Observation, PhotoEvidence
from crumple.detect.logits import logistic

__all__ = ["Joined", "Observation", "PhotoEvidence", "join"]

# A finding lies in another of the same photo where at least this share of it does.
WITHIN = 0.8
# Two groups from this probability on are told as perhaps the same.
MAYBE_FROM = 0.2

# Fitted by benchmarks/joining.py.
OFFSET, TYPE, PLACE = -4.0, 1.5, 3.0

Pair = tuple[int, int]


@dataclass(frozen=True)
class Joined:
    """Damages as groups of observations.

    groups: positions of the observations of each damage, ascending; every observation is in exactly one. maybe_same:
    pairs of positions of GROUPS that may be one damage but were left apart, with the probability; the most probable
    first. pairs: positions of two observations, the smaller first -> the probability that both are one damage; a pair
    that is not there was not thought possible.
    """

    groups: tuple[tuple[int, ...], ...]
    maybe_same: tuple[tuple[int, int, float], ...] = ()
    pairs: Mapping[Pair, float] | None = None


def join(observations: Sequence[Observation], photos: Sequence[PhotoEvidence]) -> Joined:
    """The damages that `observations` are of; `photos` are those that their positions name.

    The groups do not depend on the order of photos or observations.
    """
    n = len(observations)
    places = [spread(one.places) for one in observations]
    sides = [sure_side(one) for one in places]
    logits, never = np.full((n, n), -np.inf), np.zeros((n, n), bool)
    for i, j in combinations(range(n), 2):
        if not _possible(observations[i], observations[j], sides[i], sides[j]):
            never[i, j] = never[j, i] = True
            continue
        alike = type_likeness(observations[i].damage, observations[j].damage)
        logits[i, j] = logits[j, i] = OFFSET + TYPE * alike + PLACE * place_likeness(places[i], places[j])
    groups = agglomerate(logits, never, sorted(range(n), key=lambda i: _key(observations[i])))
    pairs = {(i, j): float(logistic(logits[i, j])) for i, j in combinations(range(n), 2) if not never[i, j]}
    return Joined(tuple(map(tuple, groups)), tuple(_maybe(groups, logits, never)), pairs)


def _possible(one: Observation, other: Observation, side: str | None, other_side: str | None) -> bool:
    """Whether two findings can be of one damage at all."""
    if not type_likeness(one.damage, other.damage) or (side and other_side and side != other_side):
        return False
    if one.photo != other.photo:
        return True
    smaller = min(one.patch.area, other.patch.area)
    return smaller > 0 and one.patch.overlap(other.patch) >= WITHIN * smaller


def _maybe(
    groups: Sequence[Sequence[int]], logits: npt.NDArray[np.float64], never: npt.NDArray[np.bool_]
) -> list[tuple[int, int, float]]:
    """Groups that were left apart although they may be one."""
    found = []
    for (i, one), (j, other) in combinations(enumerate(groups), 2):
        rows = np.ix_(one, other)
        if never[rows].any():
            continue
        chance = float(logistic(logits[rows].mean()))
        if chance >= MAYBE_FROM:
            found.append((i, j, round(chance, 3)))
    return sorted(found, key=lambda pair: (-pair[2], pair[:2]))


def _key(one: Observation) -> tuple[object, ...]:
    """What an observation is, whatever its position."""
    return one.damage, one.box, one.patch.area, sorted(one.places.items())
