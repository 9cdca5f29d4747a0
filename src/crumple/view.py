"""From where a vehicle is seen, as the areas of its parts tell it.

A rule, not a trained class: the end of the vehicle (front or back) that shows more, and the side whose flank shows more
(doors, fender, quarter panel, sill), each if it makes up VIEW_SHARE of what tells a view at all.
"""

from collections.abc import Mapping
from typing import Literal, cast

from crumple.taxonomy import mirror

View = Literal[
    "front", "back", "left", "right", "front_left", "front_right", "back_left", "back_right", "detail", "none"
]

VIEW_SHARE = 0.12
_FRONT = {"front_bumper", "front_glass", "front_left_light", "front_right_light", "grille", "hood"}
_BACK = {"back_bumper", "back_glass", "back_left_light", "back_right_light", "trunk", "tailgate"}
_LEFT = {"front_left_door", "back_left_door", "left_fender", "left_quarter_panel", "left_sill"}
_RIGHT = {mirror(name) for name in _LEFT}


def view(areas: Mapping[str, float]) -> View:
    """The view that parts of these areas (any unit) make. Left and right are the vehicle's own.

    "detail" if what is seen tells no view, "none" if no part is seen.
    """
    if not any(areas.values()):
        return "none"
    sums = [sum(area for name, area in areas.items() if name in group) for group in (_FRONT, _BACK, _LEFT, _RIGHT)]
    enough = VIEW_SHARE * sum(sums)
    words = []
    for names, (one, other) in ((("front", "back"), sums[:2]), (("left", "right"), sums[2:])):
        if max(one, other) > 0 and max(one, other) >= enough:
            words.append(names[0] if one >= other else names[1])
    return cast(View, "_".join(words) or "detail")
