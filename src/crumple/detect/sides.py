"""Left and right on one photo: a vehicle shows one of its flanks, so nothing on the other one can be seen beside it.

"Chances" map a place's name to its probability.
"""

import math
from collections.abc import Iterable, Mapping

from crumple.detect.logits import LEAST, logistic
from crumple.taxonomy import mirror, side, without_side

Chances = Mapping[str, float]

# Of these one photo shows those of one side alone, in 99 % of the photos whose parts were read by eye. Lamps and
# mirrors are seen on both sides from the front and from behind.
FLANK = frozenset({"front_door", "back_door", "fender", "quarter_panel", "sill"})
# Two words for the rear lid, which even people do not keep apart.
LIDS = ("trunk", "tailgate")


def on_flank(name: str) -> bool:
    """Whether the place is on a flank, which is seen from one side alone."""
    return side(name) is not None and without_side(name) in FLANK


def left_share(votes: Iterable[Chances]) -> float:
    """How probable it is that the photo shows the left flank rather than the right one; 0.5 where nothing tells.

    Each pair of places, in what the photo shows and in where each damage may lie, votes with the logarithm of left to
    right, weighted with the probability that it is either. All speak of the same view: they are averaged, not added.
    """
    total = weights = 0.0
    for chances in votes:
        for kind in {without_side(name) for name in chances if on_flank(name)}:
            left, right = (sum(chances.get(name, 0.0) for name in _named(chances, kind, of)) for of in _SIDES)
            weight = min(1.0, left + right)
            total += weight * math.log(max(left, LEAST) / max(right, LEAST))
            weights += weight
    return float(logistic(total / weights)) if weights else 0.5


def settled(chances: Chances, left: float, *, side_from: float, both_from: float) -> dict[str, float]:
    """The same places with at most one side of what one view shows one side of, and one rear lid.

    A side that cannot be told goes from the name: "front_door" has the probability of both.

    Args:
        left: of the photo, from `left_share`.
        side_from: the least share of one side for it to be told.
        both_from: lamps and mirrors are two places where either has that probability.
    """
    found = {name: chance for name, chance in chances.items() if side(name) is None}
    for name in chances:
        if side(name) is None or mirror(name) in found or name in found:
            continue
        names = (name, mirror(name)) if side(name) == "left" else (mirror(name), name)
        pair = [chances.get(one, 0.0) for one in names]
        both = min(1.0, sum(pair))
        if on_flank(name):
            share, pair = left, [both * left, both * (1 - left)]
        elif min(pair) >= both_from:
            found |= dict(zip(names, pair, strict=True))
            continue
        else:
            share = pair[0] / sum(pair) if sum(pair) else 0.5
        if share >= side_from:
            found[names[0]] = pair[0]
        elif 1 - share >= side_from:
            found[names[1]] = pair[1]
        else:
            found[without_side(name)] = both
    lids = [name for name in LIDS if name in found]
    if len(lids) > 1:
        best = max(lids, key=lambda name: found[name])
        found[best] = min(1.0, sum(found.pop(name) for name in lids))
    return found


def facing(name: str, left: float) -> str:
    """The name on the flank that the photo shows, for a place on one of them; any other as it is."""
    shown = "left" if left >= 0.5 else "right"
    return mirror(name) if on_flank(name) and side(name) != shown else name


_SIDES = ("left", "right")


def _named(chances: Chances, kind: str, of: str) -> list[str]:
    return [name for name in chances if without_side(name) == kind and side(name) == of]
