"""Joining: findings of many photos -> physical damages.

Each pair of findings gets the probability that both are one damage: by their types and places; where that leaves it
open, by what the pixels round them say; and then by what the other pairs say. Groups grow from the most probable pairs
on. A group is never on both sides of the vehicle, and holds two findings of one photo only if one lies in the other.
What a video followed as one damage stays one, whatever the photos say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from crumple.case.likeness import spread, sure_side, type_likenesses
from crumple.case.matching.clusters import agglomerate
from crumple.case.matching.context import context
from crumple.case.matching.pairs import GLANCE, Candidates, glance, look
from crumple.case.matching.vehicles import other_vehicle
from crumple.case.matching.views import paints, views
from crumple.case.matching.weights import Weights, shipped, value
from crumple.case.observations import Observation, PhotoEvidence
from crumple.detect.logits import logistic, logit

__all__ = ["Joined", "Observation", "PhotoEvidence", "join"]

# A finding lies in another of the same photo where at least this share of it does.
WITHIN = 0.8
# Other photos that one is laid onto, at most: those whose findings are the most likely the same.
PARTNERS = 12
# Evidence of pairs that are not even candidates.
UNLIKE = -6.0
# Evidence from which two findings are surely one damage.
SURELY = 3.0
# Evidence of two findings that a video followed as one damage.
FOLLOWED = 30.0

Pair = tuple[int, int]


@dataclass(frozen=True)
class Joined:
    """Damages as groups of observations.

    groups: positions of the observations of each damage, ascending; every observation is in exactly one. maybe_same:
    pairs of positions of GROUPS that may be one damage but were left apart, with the probability; the most probable
    first. pairs: positions of two observations, the smaller first -> the probability that both are one damage; what is
    not there is on one photo, on two sides or of types that contradict each other. other_vehicle: positions of photos
    that seem to show another vehicle than the rest; their damages are never joined with those of the rest.
    """

    groups: tuple[tuple[int, ...], ...]
    maybe_same: tuple[tuple[int, int, float], ...] = ()
    pairs: Mapping[Pair, float] = field(default_factory=dict)
    other_vehicle: tuple[int, ...] = ()


def join(
    observations: Sequence[Observation], photos: Sequence[PhotoEvidence], weights: Weights | None = None
) -> Joined:
    """The damages that `observations` are of; `photos` are those that their positions name.

    The groups do not depend on the order of photos or observations. weights: None: those that ship.
    """
    by = weights or shipped()
    candidates = glance(observations, photos, possible_pairs(observations))
    prepared = views(observations, photos)
    at = np.array([one.photo for one in observations], np.int64)
    seen = look(candidates, worth_a_look(candidates, observations, by), at, prepared)
    return decide(observations, candidates, seen, paints(prepared), by)


def decide(
    observations: Sequence[Observation],
    candidates: Candidates,
    seen: npt.NDArray[np.int64],
    paints: Mapping[int, npt.NDArray[np.float64]],
    by: Weights,
) -> Joined:
    """The damages, once all evidence is there.

    seen: rows of the candidates whose pixels were looked at. paints: by photo, see `View.paint`.
    """
    possible = possible_pairs(observations)
    at = np.array([one.photo for one in observations], np.int64)
    logits = value(by.context, context(candidates.pairs, pair_logits(candidates, seen, by), at))
    table = np.where(at[:, None] != at, UNLIKE, np.nan)  # of two findings of one photo nothing is known
    i, j = candidates.pairs.T
    table[i, j] = table[j, i] = logits
    others = other_vehicle(paints)
    stranger = np.isin(at, others)
    # What two photos surely have in common is stronger than the colour of their paint.
    if (table[np.ix_(stranger, ~stranger)] > SURELY).any():
        others, stranger = (), np.zeros(len(at), bool)
    possible &= stranger[:, None] == stranger
    followed = _followed(observations)
    possible |= followed
    table[followed] = FOLLOWED
    order = sorted(range(len(observations)), key=lambda k: _key(observations[k]))
    groups = agglomerate(table - float(logit(by.join_from)), ~possible, order)
    chances = dict(zip(map(tuple, candidates.pairs.tolist()), logistic(logits).tolist(), strict=True))
    chances |= dict.fromkeys(map(tuple, np.argwhere(np.triu(followed)).tolist()), 1.0)
    maybe = _maybe(groups, table, ~possible, by.maybe_from)
    return Joined(tuple(map(tuple, groups)), tuple(maybe), chances, others)


def pair_logits(candidates: Candidates, seen: npt.NDArray[np.int64], by: Weights) -> npt.NDArray[np.float64]:
    """(K,) of each pair alone: by all evidence where it was looked at, by glance elsewhere."""
    logits = value(by.glance, candidates.evidence[:, : len(GLANCE)])
    logits[seen] = value(by.look, candidates.evidence[seen])
    return logits


def possible_pairs(observations: Sequence[Observation]) -> npt.NDArray[np.bool_]:
    """(N, N) which findings can be of one damage at all, as far as type, side and photo tell."""
    sides = np.array([{"left": 1, "right": -1, None: 0}[sure_side(spread(one.places))] for one in observations], int)
    at = np.array([one.photo for one in observations], np.int64)
    possible = (type_likenesses([one.damage for one in observations]) > 0) & (np.outer(sides, sides) >= 0)
    for i, j in np.argwhere(np.triu(possible & (at[:, None] == at), 1)).tolist():
        possible[i, j] = possible[j, i] = _nested(observations[i], observations[j])
    np.fill_diagonal(possible, False)
    return possible


def _followed(observations: Sequence[Observation]) -> npt.NDArray[np.bool_]:
    """(N, N) which findings are of one damage because a video followed it from one photo to the other."""
    names: dict[str, int] = {}
    tracks = np.array([-1 if one.track is None else names.setdefault(one.track, len(names)) for one in observations])
    return np.asarray((tracks[:, None] == tracks) & (tracks >= 0) & ~np.eye(len(tracks), dtype=bool))


def _nested(one: Observation, other: Observation) -> bool:
    smaller = min(one.patch.area, other.patch.area)
    return smaller > 0 and one.patch.overlap(other.patch) >= WITHIN * smaller


def worth_a_look(candidates: Candidates, observations: Sequence[Observation], by: Weights) -> npt.NDArray[np.int64]:
    """Rows of the candidates whose pixels are looked at: likely enough by glance, of each photo with a few others."""
    logits = value(by.glance, candidates.evidence[:, : len(GLANCE)])
    rows = np.flatnonzero(logits >= logit(by.look_from))
    at = np.array([one.photo for one in observations], np.int64)
    photos = np.sort(at[candidates.pairs[rows]], axis=1)
    best: dict[Pair, float] = {}
    for one, other, likely in zip(*photos.T.tolist(), logits[rows].tolist(), strict=True):
        best[one, other] = max(best.get((one, other), -np.inf), likely)
    partners: dict[int, list[float]] = {}
    for pair, likely in best.items():
        for photo in pair:
            partners.setdefault(photo, []).append(likely)
    least = {photo: sorted(chances)[-PARTNERS:][0] for photo, chances in partners.items()}
    kept = {pair for pair, likely in best.items() if likely >= min(least[photo] for photo in pair)}
    return rows[[tuple(pair) in kept for pair in photos.tolist()]] if len(rows) else rows


def _maybe(
    groups: Sequence[Sequence[int]], table: npt.NDArray[np.float64], never: npt.NDArray[np.bool_], maybe_from: float
) -> list[tuple[int, int, float]]:
    """Groups that were left apart although they may be one."""
    member = np.zeros((len(groups), len(table)))
    for row, group in zip(member, groups, strict=True):
        row[group] = 1
    known = ~np.isnan(table)
    counts = member @ known @ member.T
    apart = (member @ never @ member.T > 0) | (counts == 0)
    chances = np.where(apart, 0.0, logistic(member @ np.nan_to_num(table) @ member.T / np.maximum(counts, 1)))
    found = np.argwhere(np.triu(chances >= maybe_from, 1)).tolist()
    return sorted(((i, j, round(float(chances[i, j]), 3)) for i, j in found), key=lambda pair: (-pair[2], pair[:2]))


def _key(one: Observation) -> tuple[object, ...]:
    """What an observation is, whatever its position."""
    return one.damage, one.box, one.patch.area, sorted(one.places.items())
