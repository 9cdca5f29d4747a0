from typing import get_args

import pytest

from crumple.taxonomy import mirror
from crumple.view import View, view


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ({}, "none"),
        ({"wheel": 5}, "detail"),
        ({"hood": 5, "front_bumper": 4, "front_left_door": 1}, "front"),
        ({"hood": 5, "front_left_door": 4, "back_left_door": 2}, "front_left"),
        ({"back_right_door": 6, "trunk": 3, "back_bumper": 2}, "back_right"),
        ({"front_right_door": 6, "back_right_door": 5, "front_right_light": 1}, "right"),
        ({"front_left_door": 6, "front_right_door": 1}, "left"),
        ({"left_quarter_panel": 5, "back_bumper": 3, "right_quarter_panel": 0.4}, "back_left"),
        ({"grille": 4, "right_fender": 3, "left_fender": 1}, "front_right"),
        ({"right_sill": 2, "right_fender": 5, "wheel": 3}, "right"),
        ({"roof": 9}, "detail"),
    ],
)
def test_views(areas, expected):
    assert view(areas) == expected and expected in get_args(View)
    flipped = {mirror(name): area for name, area in areas.items()}
    assert view(flipped) == mirror(expected)
