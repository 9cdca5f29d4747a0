"""Places in words."""

import pytest

from crumple.assessment.places import known, on, place_title, where, with_known
from tests.assessment.examples import near


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("front_left_door", "front left door"),
        ("back_door", "back door, side not known"),
        ("fender", "fender, side not known"),
        ("hood", "hood"),
        ("interior", "inside the vehicle"),
        ("engine_bay", "in the engine bay"),
        ("underbody", "underneath the vehicle"),
        ("sunroof_rail", "sunroof rail"),
    ],
)
def test_a_title(name, title):
    assert place_title(name) == title


def test_where_several_are():
    assert where([]) == "panel not identified"
    assert where([near("hood")]) == "hood"
    assert where([near("hood"), near("grille"), near("front_bumper")]) == "hood, grille and front bumper"


def test_behind_what_is_there():
    assert on([near("hood")]) == " on hood" and on([near("interior")]) == " inside the vehicle"
    assert on([]) == ", panel not identified" and on([], "on the trailer") == " on the trailer"


def test_how_it_is_known():
    outlined = near("hood").model_copy(update={"share_of_part": 0.12})
    assert with_known(outlined) == "hood, 12 % of it"
    assert with_known(near("hood", 0.85)) == "hood, probability 85 %"
    assert known(near("hood", 0.998)) == "probability 99 %"
    assert with_known(near("hood", None)) == "hood"
    certain = near("interior", 1.0).model_copy(update={"known_by": ["damage"]})
    assert with_known(certain) == "inside the vehicle"
