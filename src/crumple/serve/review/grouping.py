"""Which observations are one damage: as joining found them, and as people said by merge and split.

The later word counts. What people said holds against every later joining; what they said nothing of goes where joining
has it, and where a split divides that, to the side that it is more probably one with.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import combinations, product

from pydantic import BaseModel, ConfigDict, Field

from crumple.serve.contract.events import Event, Observed

Name = tuple[str, str]  # of an observation: id of the image, id of the finding
Pair = tuple[int, int]


class JoinedCase(BaseModel):
    """What joining found, as it is kept. Positions are those in `observations`, of maybe_same those in `groups`."""

    model_config = ConfigDict(frozen=True)

    observations: list[Name] = Field(default_factory=list)
    groups: list[list[int]] = Field(default_factory=list)
    pairs: list[tuple[int, int, float]] = Field(
        default_factory=list, description="within groups: the probability that both are one damage"
    )
    maybe_same: list[tuple[int, int, float]] = Field(default_factory=list)
    other_vehicle: list[str] = Field(default_factory=list, description="ids of images that seem to show another one")
    notes: list[str] = Field(default_factory=list)


def name_of(observed: Observed) -> Name:
    """The name of an observation in the contract."""
    return observed.photo, observed.finding


def regroup(
    joined: JoinedCase, taken: Mapping[Name, datetime], standing: Sequence[Event]
) -> tuple[list[list[Name]], dict[Pair, float]]:
    """The damages, as groups of observations, and which of these may be one with what probability, by position.

    Args:
        taken: of every observation that there is, when its photo came.
        standing: events of damages that are not undone, in order.
    """
    names = list(taken)
    groups = _Groups(names, taken, standing)
    for event in standing:
        members = groups.positions(event.observations or [])
        if event.kind == "merge":
            groups.together(members)
        elif event.kind == "split":
            groups.divide(members, groups.positions(event.rest or []))
    groups.settle()
    place = {name: i for i, name in enumerate(names)}
    at = [place.get(name) for name in joined.observations]
    chances = {(i, j): chance for i, j, chance in joined.pairs}
    for group in joined.groups:
        for i, j in sorted(combinations(group, 2), key=lambda two: -chances.get(two, 0.0)):
            here, there = at[i], at[j]
            if here is not None and there is not None:
                groups.join(here, there)
    found = groups.found()
    number = {i: position for position, group in enumerate(found) for i in group}
    maybe: dict[Pair, float] = {}
    for first, second, chance in joined.maybe_same:
        ones, others = (
            {number[k] for k in map(at.__getitem__, joined.groups[g]) if k is not None} for g in (first, second)
        )
        for a, b in product(ones, others):
            if a != b and not groups.apart(found[a], found[b]):
                pair = (min(a, b), max(a, b))
                maybe[pair] = max(maybe.get(pair, 0.0), chance)
    return [[names[i] for i in group] for group in found], maybe


class _Groups:
    """Sets of positions that grow together unless people keep them apart."""

    def __init__(self, names: Sequence[Name], taken: Mapping[Name, datetime], standing: Sequence[Event]) -> None:
        self._place = {name: i for i, name in enumerate(names)}
        self._one: set[Pair] = set()
        self._two: dict[int, set[int]] = defaultdict(set)
        self._sets: list[set[int]] = [{i} for i in range(len(names))]  # of each position the set that it is in
        # Whoever rejects a damage has seen those that were there beside it: it never swallows one of them by itself.
        rejected: dict[int, datetime] = {}
        for event in standing:
            if event.kind in ("confirm", "reject", "relabel", "place", "severity"):
                for i in self.positions(event.observations or []):
                    rejected.pop(i, None)
                    if event.kind == "reject":
                        rejected[i] = event.at
        self._rejected = rejected
        self._taken = [taken[name] for name in names]

    def positions(self, observations: Iterable[Observed]) -> list[int]:
        """Of those that there still are."""
        return [self._place[name] for one in observations if (name := name_of(one)) in self._place]

    def together(self, members: Sequence[int]) -> None:
        for i, j in combinations(sorted(members), 2):
            self._one.add((i, j))
            self._two[i].discard(j)
            self._two[j].discard(i)

    def divide(self, members: Sequence[int], rest: Sequence[int]) -> None:
        for i, j in product(members, rest):
            self._one.discard((min(i, j), max(i, j)))
            self._two[i].add(j)
            self._two[j].add(i)

    def settle(self) -> None:
        """What people said is one becomes one."""
        for i, j in sorted(self._one):
            self._unite(i, j)

    def join(self, i: int, j: int) -> None:
        """Unless people keep them apart."""
        one, other = self._sets[i], self._sets[j]
        if one is not other and not self.apart(one, other) and not self._swallows(one, other):
            self._unite(i, j)

    def apart(self, one: Iterable[int], other: Iterable[int]) -> bool:
        """Whether people said that they are two."""
        others = set(other)
        return bool(self._two) and any(not others.isdisjoint(self._two.get(i, ())) for i in one)

    def found(self) -> list[list[int]]:
        """Each ascending, by their first."""
        return [sorted(group) for i, group in enumerate(self._sets) if i == min(group)]

    def _unite(self, i: int, j: int) -> None:
        one, other = self._sets[i], self._sets[j]
        if one is not other:
            one |= other
            for k in other:
                self._sets[k] = one

    def _swallows(self, one: set[int], other: set[int]) -> bool:
        """Whether one of both holds a damage that was there, undecided, when the other was rejected."""
        if not self._rejected:
            return False
        for these, those in ((one, other), (other, one)):
            last = max((self._rejected[i] for i in these if i in self._rejected), default=None)
            if last and any(i not in self._rejected and self._taken[i] < last for i in those):
                return True
        return False
