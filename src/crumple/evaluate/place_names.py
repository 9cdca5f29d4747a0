"""Names of places as they are judged: a trunk is a tailgate, and a name without its side agrees with either.

The parts set mixes trunk and tailgate, and the readers of the place labels did not: both are one lid here. A label whose
side could not be told ("front_door") is met by either front door; what a model says without a side is true of either,
and finds neither.
"""

from collections.abc import Iterable

from crumple.taxonomy import ELSEWHERE, MERGE_TRUNK_TAILGATE, SIDELESS, without_side

JUDGED: tuple[str, ...] = tuple(dict.fromkeys(MERGE_TRUNK_TAILGATE.values()))  # every place, in the taxonomy's order
PANELS: tuple[str, ...] = tuple(name for name in JUDGED if name not in ELSEWHERE)


def judged(name: str) -> str:
    """The name with the two lids as one: "trunk" -> "trunk_or_tailgate", "hood" -> "hood"."""
    return MERGE_TRUNK_TAILGATE.get(name, name)


def agrees(said: str, label: str) -> bool:
    """Whether a place that was said is the one of a label, as far as the label says. Both names are `judged`."""
    return said == label or (label in SIDELESS and without_side(said) == label)


def true_of(said: str, labels: Iterable[str]) -> bool:
    """Whether what was said is true of one of the labels: it agrees with one, or is one without its side."""
    return any(agrees(said, label) or (said in SIDELESS and without_side(label) == said) for label in labels)
