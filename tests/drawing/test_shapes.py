import numpy as np
import pytest

from crumple.detect.masks import Patch
from crumple.detect.outlines import outlines
from crumple.drawing.shapes import dashes, fill, fixed_point, interior, outline

SQUARE = np.array([[200, 100], [300, 100], [300, 200], [200, 200]])


def test_fixed_point_is_that_of_pixel_centres_in_eighths():
    (shape,) = fixed_point([[0.5, 0.5, 10.5, 0.5, 10.5, 2.0]])
    assert shape.tolist() == [[0, 0], [80, 0], [80, 12]] and shape.dtype == np.int32


def test_interior_lies_inside_even_when_the_centre_of_the_box_does_not():
    ring = np.zeros((330, 500), bool)
    ring[100:200, 200:300] = True
    ring[100:180, 220:300] = False  # an L
    x, y = interior(fixed_point(outlines(Patch.from_bitmap(ring))))
    assert ring[round(y), round(x)]
    assert interior([]) is None


def test_dashes_cover_half_of_an_outline():
    [square] = fixed_point([SQUARE])
    length = sum(np.linalg.norm(np.diff(piece, axis=0), axis=1).sum() for piece in dashes(square, 40))
    assert length == pytest.approx(400 * 8 / 2, rel=0.05)


def test_a_fill_moves_pixels_inside_by_its_share_and_no_others():
    picture = np.full((330, 500, 3), 100, np.uint8)
    fill(picture, fixed_point([SQUARE]), (200, 100, 0), 0.5)
    assert picture[150, 250].tolist() == [150, 100, 50]
    assert (picture[:99] == 100).all() and (picture[:, 301:] == 100).all()
    fill(picture, [], (0, 0, 0), 1.0)
    fill(picture, fixed_point([SQUARE + 1000]), (0, 0, 0), 1.0)  # beyond the picture
    assert (picture[:99] == 100).all()


def test_an_outline_leaves_the_inside_alone():
    picture = np.zeros((330, 500, 3), np.uint8)
    outline(picture, fixed_point([SQUARE]), (255, 0, 0), 2)
    assert picture[150, 198:203, 0].max() > 200 and not picture[110:190, 210:290].any()
