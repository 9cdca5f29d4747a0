import numpy as np
import pytest

from crumple.colours import damage_colour, part_colour
from crumple.evaluate.measures.matching import match_photo
from crumple.evaluate.report.side_by_side import GAP, side_by_side
from tests.evaluate.squares import HEIGHT, WIDTH, photo, region

SCALE = 4
SIZE = (HEIGHT * SCALE, WIDTH * SCALE)
BOX = (40, 10, 70, 30)
INSIDE = np.s_[14 * SCALE : 26 * SCALE, 50 * SCALE : 60 * SCALE]  # of a panel, clear of outlines and labels


def panels(drawn=(), found=(), branch="damage", size=SIZE):
    """Left and right panel, without the line above."""
    grey = np.full((*size, 3), 128, np.uint8)
    match = match_photo(photo(drawn, found), {})
    picture = side_by_side(grey, match, branch, (WIDTH, HEIGHT))
    assert (grey == 128).all()  # the photo is left alone
    top = picture.shape[0] - size[0]
    assert 0 < top < 60 and picture.shape[1] == 2 * size[1] + GAP
    return picture[top:, : size[1]].astype(int), picture[top:, size[1] + GAP :].astype(int)


def towards(pixels, colour):
    """How far grey pixels went to a colour, 0 to 1."""
    wanted = np.array(colour) - 128
    return float(((pixels - 128) * wanted).sum() / (len(pixels.reshape(-1, 3)) * (wanted * wanted).sum()))


def edge_share(panel, colour):
    """Share of the box's left and right edge that is drawn in the colour."""
    rows = slice(12 * SCALE, 28 * SCALE)
    sides = [panel[rows, x * SCALE - 4 : x * SCALE + 4] for x in (BOX[0], BOX[2])]
    nearest = [np.abs(side - colour).max(axis=2).min(axis=1) for side in sides]
    return float((np.concatenate(nearest) < 60).mean())


def test_drawn_is_left_and_reported_is_right_in_the_colour_of_the_class():
    left, right = panels([region(BOX)], [])
    assert towards(left[INSIDE], damage_colour("dent")) > 0.1 and (right == 128).all()
    left, right = panels([], [region(BOX, 0.9, "scratch")])
    assert towards(right[INSIDE], damage_colour("scratch")) > 0.1 and (left == 128).all()
    left, _ = panels([region(BOX, label="hood")], [], branch="parts")
    assert towards(left[INSIDE], part_colour("hood")) > 0.1


def test_mistakes_are_dashed_and_what_is_right_is_not():
    left, right = panels([region(BOX)], [region(BOX, 0.9)])
    assert edge_share(left, damage_colour("dent")) > 0.95 and edge_share(right, damage_colour("dent")) > 0.95
    left, _ = panels([region(BOX)], [])
    assert 0.3 < edge_share(left, damage_colour("dent")) < 0.8
    _, right = panels([], [region(BOX, 0.9)])
    assert 0.3 < edge_share(right, damage_colour("dent")) < 0.8


def test_crowds_and_what_lies_on_them_are_no_mistakes():
    left, right = panels([region(BOX, crowd=True)], [region(BOX, 0.9)])
    assert edge_share(left, damage_colour("dent")) > 0.95 and edge_share(right, damage_colour("dent")) > 0.95


def test_regions_are_scaled_with_the_photo_each_way():
    left, _ = panels([region(BOX)], [], size=(HEIGHT * 2, WIDTH * SCALE))
    rows, columns = np.nonzero((left[15:] != 128).any(axis=2))  # below any label
    assert columns.min() == pytest.approx(BOX[0] * SCALE, abs=30) and rows.max() + 15 >= BOX[3] * 2 - 3


def test_nothing_at_all_a_crowded_photo_and_a_tiny_one():
    left, right = panels()
    assert (left == 128).all() and (right == 128).all()
    many = [region((x, y, x + 4, y + 4), 0.5) for x in range(0, 96, 6) for y in range(0, 36, 6)]
    panels([], many)
    picture = side_by_side(
        np.zeros((3, 5, 3), np.uint8), match_photo(photo([region(BOX)]), {}), "damage", (WIDTH, HEIGHT)
    )
    assert picture.shape[1] == 10 + GAP
