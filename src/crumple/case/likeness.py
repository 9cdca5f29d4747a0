"""What speaks for two findings being one damage: their types, and the parts that they lie on."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from crumple.taxonomy import PLACES, side, sided

# Two words for what may be one thing, and how much they speak for it; every type is wholly like itself.
NEAR_TYPES = {
    frozenset({"scratch", "primer_exposed"}): 0.5,
    frozenset({"scratch", "dent"}): 0.5,
    frozenset({"dent", "primer_exposed"}): 0.3,
    frozenset({"dent", "broken_or_missing"}): 0.5,
    frozenset({"scratch", "broken_or_missing"}): 0.3,
    frozenset({"dent", "hood_damage"}): 0.7,
    frozenset({"broken_or_missing", "hood_damage"}): 0.3,
    frozenset({"broken_or_missing", "lamp_damage"}): 0.7,
    frozenset({"broken_or_missing", "glass_crack"}): 0.5,
}
# A finding is surely on one side of the vehicle where that has this share of the probabilities of its places, and at
# least one place there is that probable. (Of people's drawings that are one damage, 1 % of pairs are surely on two.)
SURE_OF_SIDE = 0.8
SURE_OF_PLACE = 0.5


def type_likeness(one: str, other: str) -> float:
    """1 for the same type, less for a near one, 0 for types that contradict each other."""
    return 1.0 if one == other else NEAR_TYPES.get(frozenset({one, other}), 0.0)


def type_likenesses(types: Sequence[str]) -> npt.NDArray[np.float64]:
    """(N, N) of each pair of N findings."""
    names = sorted(set(types))
    alike = np.array([[type_likeness(one, other) for other in names] for one in names]).reshape(len(names), len(names))
    at = np.array([names.index(one) for one in types], np.int64)
    return np.asarray(alike[np.ix_(at, at)])


def spread(places: Mapping[str, float]) -> dict[str, float]:
    """Probabilities by names of `PLACES` alone: one without a side is as probably on either."""
    spread: dict[str, float] = {}
    for name, chance in places.items():
        names = sided(name) or (name,)
        for one in names:
            spread[one] = max(spread.get(one, 0.0), chance / len(names))
    return spread


def place_likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How probably both lie on one part, from 0 to 1, by probabilities as `spread` gives them."""
    apart = 1.0
    for name in one.keys() & other.keys():
        apart *= 1 - min(1.0, one[name]) * min(1.0, other[name])
    return 1 - apart


def sure_side(places: Mapping[str, float]) -> str | None:
    """The side of the vehicle on which a finding lies for sure; None: it is told by no name, or is in doubt."""
    on: dict[str | None, list[float]] = {}
    for name, chance in places.items():
        on.setdefault(side(name), []).append(chance)
    total = sum(places.values())
    for of in ("left", "right"):
        chances = on.get(of, [])
        if chances and max(chances) >= SURE_OF_PLACE and sum(chances) >= SURE_OF_SIDE * total:
            return of
    return None


def place_vectors(places: Sequence[Mapping[str, float]]) -> npt.NDArray[np.float64]:
    """(N, P) probabilities by `PLACES`, as `spread` gives them."""
    vectors = np.zeros((len(places), len(PLACES)))
    for row, one in zip(vectors, places, strict=True):
        for name, chance in spread(one).items():
            if name in _COLUMN:
                row[_COLUMN[name]] = min(1.0, chance)
    return vectors


def cosines(ones: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, P), (M, P) -> (N, M) how alike they are, from 0 to 1; 0 where one of the two is all 0."""
    lengths = [np.maximum(np.linalg.norm(one, axis=1), 1e-9) for one in (ones, others)]
    return np.asarray((ones / lengths[0][:, None]) @ (others / lengths[1][:, None]).T)


_COLUMN = {name: column for column, name in enumerate(PLACES)}
