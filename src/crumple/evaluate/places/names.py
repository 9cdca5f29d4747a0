"""Names of places as they are judged: a trunk is a tailgate, and a name without its side agrees with either.

The parts set mixes trunk and tailgate, and the readers of the place labels did not: both are one lid here. A label
whose side could not be told ("front_door") is met by either front door; what a model says without a side is true of
either, and finds neither.
"""

from collections.abc import Iterable, Sequence

from crumple.taxonomy import DAMAGES, MERGE_TRUNK_TAILGATE, SIDELESS, without_side

JUDGED: tuple[str, ...] = tuple(dict.fromkeys(MERGE_TRUNK_TAILGATE.values()))  # every place, in the taxonomy's order


def judged(name: str) -> str:
    """The name with the two lids as one: "trunk" -> "trunk_or_tailgate", "hood" -> "hood"."""
    return MERGE_TRUNK_TAILGATE.get(name, name)


def agrees(said: str, label: str) -> bool:
    """Whether a place that was said is the one of a label, as far as the label says. Both names are `judged`."""
    return said == label or (label in SIDELESS and without_side(said) == label)


def true_of(said: str, labels: Iterable[str]) -> bool:
    """Whether what was said is true of one of the labels: it agrees with one, or is one without its side."""
    return any(agrees(said, label) or (said in SIDELESS and without_side(label) == said) for label in labels)


def in_order(places: Iterable[str]) -> list[str]:
    """Each name once, as the taxonomy has them; others (without a side, of coarser sets) behind."""
    return _ordered(places, JUDGED)


def known_first(damages: Iterable[str]) -> list[str]:
    """Each damage type once, as the taxonomy has them; a model's own types behind."""
    return _ordered(damages, DAMAGES)


def _ordered(names: Iterable[str], order: Sequence[str]) -> list[str]:
    return sorted(set(names), key=lambda name: (order.index(name) if name in order else len(order), name))
