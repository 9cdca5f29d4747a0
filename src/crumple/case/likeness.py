"""What speaks for two findings being one damage: their types, and the parts that they lie on."""

from collections.abc import Mapping

from crumple.taxonomy import side, sided

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
# From here on a finding is on one side of the vehicle for sure.
SURE_OF_SIDE = 0.8


def type_likeness(one: str, other: str) -> float:
    """1 for the same type, less for a near one, 0 for types that contradict each other."""
    return 1.0 if one == other else NEAR_TYPES.get(frozenset({one, other}), 0.0)


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
    sums = {"left": 0.0, "right": 0.0, None: 0.0}
    for name, chance in places.items():
        sums[side(name)] += chance
    total = sum(sums.values())
    return next((of for of in ("left", "right") if total and sums[of] >= SURE_OF_SIDE * total), None)
