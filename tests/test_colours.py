import itertools

import cv2
import numpy as np
import pytest

from crumple.colours import BLACK, DAMAGE_COLOURS, PART_COLOURS, WHITE, css, damage_colour, ink, part_colour
from crumple.taxonomy import DAMAGES, PARTS


def test_every_word_of_the_taxonomy_has_its_own_colour():
    assert set(DAMAGE_COLOURS) == set(DAMAGES) and set(PART_COLOURS) == set(PARTS)
    colours = [*DAMAGE_COLOURS.values(), *PART_COLOURS.values()]
    assert len(set(colours)) == len(colours)


# Linear RGB as seen without the red or the green receptors (Viénot, Brettel & Mollon 1999).
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]]),
    "deuteranopia": np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]),
}


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_damage_colours_stay_apart_for_colour_blind_eyes(blindness):
    def seen(colour):
        linear = BLINDNESS[blindness] @ (np.array(colour) / 255) ** 2.2
        rgb = np.clip(linear, 0, 1) ** (1 / 2.2)
        return cv2.cvtColor(rgb.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2LAB).ravel()

    for one, other in itertools.combinations(DAMAGE_COLOURS, 2):
        difference = np.linalg.norm(seen(DAMAGE_COLOURS[one]) - seen(DAMAGE_COLOURS[other]))
        assert difference > 15, f"{one} and {other}: CIE76 difference {difference:.0f}"


def test_colours_of_unknown_words_are_stable_and_warm_or_cool():
    for label in ("rust", "flood", "hail_damage", "x"):
        red, _, blue = damage_colour(label)
        assert damage_colour(label) == (red, _, blue) and red > blue
        red, _, blue = part_colour(label)
        assert blue > red


def test_ink_is_what_reads_better():
    assert ink((255, 255, 0)) == BLACK
    assert ink((120, 0, 60)) == WHITE


def test_css():
    assert css((255, 0, 10)) == "#ff000a"
