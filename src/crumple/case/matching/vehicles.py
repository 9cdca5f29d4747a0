"""Photos that seem to show another vehicle than the rest, by the colour of the paint.

Light makes a grey car bluish and a red one orange; it makes no grey car red. Only that is told, and only where most of
the other photos agree: to call a photo of the car another one's is worse than to miss one.
"""

from collections.abc import Mapping

import numpy as np

from crumple.case.matching.alignment import Floats
from crumple.case.matching.views import COLOURED

ALSO_COLOURED = 11.0  # strength from which paint has a colour, where the other's is strong
GREY = 4.0  # up to which it has none,
COLOURLESS = 0.05  # where no larger share of it has one: outlines of parts hold glass and ground too
FAR = 15.0  # that two paints are apart at least
OTHER_HUE = np.radians(60)
MOST_OF = 0.5  # of the other photos contradict, and at least
CONTRADICT = 2


def other_vehicle(paints: Mapping[int, Floats]) -> tuple[int, ...]:
    """The photos whose paint contradicts that of most others; paints: by photo, see `View.paint`."""
    found = []
    for photo, own in paints.items():
        contradicted = sum(_another(own, other) for at, other in paints.items() if at != photo)
        if contradicted >= CONTRADICT and contradicted > MOST_OF * (len(paints) - 1):
            found.append(photo)
    return tuple(sorted(found))


def _another(one: Floats, other: Floats) -> bool:
    """Whether no light makes one paint look like the other."""
    weak, strong = sorted((one, other), key=lambda paint: float(np.hypot(*paint[:2])))
    strength, strongest = (float(np.hypot(*paint[:2])) for paint in (weak, strong))
    if strongest < COLOURED or np.hypot(*(weak - strong)[:2]) < FAR:
        return False
    if strength <= GREY:
        return bool(weak[2] <= COLOURLESS)
    turn = abs((np.arctan2(one[1], one[0]) - np.arctan2(other[1], other[0]) + np.pi) % (2 * np.pi) - np.pi)
    return bool(strength >= ALSO_COLOURED and turn > OTHER_HUE)
