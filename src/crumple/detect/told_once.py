"""Nested findings: one damage that the network named twice is told once."""

from collections.abc import Sequence

from crumple.detect.place_evidence import Outlined

# One lies within another where at least this share of the smaller one does.
WITHIN = 0.8
# Types that are two words for one thing, where they are on the same place.
NEAR = (frozenset({"hood_damage", "dent"}), frozenset({"lamp_damage", "broken_or_missing"}))


def told_once(damages: Sequence[Outlined], places: Sequence[Sequence[str]]) -> list[int]:
    """Positions of the damages that are told, in their order; of nested ones the largest, which has all of the area.

    Two are nested where one lies within the other and they are of one type, or of near types on the same place first.
    Other types on the same area, such as a scratch in a dent, are two damages. (Of 111 nested pairs of one type on val,
    the larger meets a drawn damage of the type as often as the one of the higher score does.)

    Args:
        places: names of where each lies, the most probable first.
    """
    told: list[int] = []
    for i in sorted(range(len(damages)), key=lambda i: -damages[i].patch.area):
        if not any(_one(damages[i], damages[j], places[i], places[j]) for j in told):
            told.append(i)
    return sorted(told)


def _one(damage: Outlined, other: Outlined, on: Sequence[str], other_on: Sequence[str]) -> bool:
    types = frozenset({damage.label, other.label})
    same_place = bool(on) and on[:1] == other_on[:1]
    if len(types) > 1 and not (types in NEAR and same_place):
        return False
    return damage.patch.overlap(other.patch) >= WITHIN * min(damage.patch.area, other.patch.area)
