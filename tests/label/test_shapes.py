"""Outlines as annotators draw them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crumple.dataset.segmentation import Complaint, polygon_area
from crumple.detect.masks import Patch
from crumple.label.shapes import Shape, clip, iou, rectangle

TRIANGLE = np.array([[10.5, 10], [30, 10], [10, 30.25]])
coordinates = st.floats(-60, 160, allow_nan=False).map(lambda value: round(value, 2))


def square(x, y, side):
    return Shape((rectangle(x, y, x + side, y + side),))


def test_points_come_back_exactly():
    shape = Shape((TRIANGLE, TRIANGLE + 40))
    again = Shape.from_coco(shape.to_coco(), 100, 100)
    assert again.same(shape) and not again.same(Shape((TRIANGLE,)))
    assert again.same(Shape(shape.polygons[::-1])), "pieces are a set: CVAT gives them in any order"
    assert shape.box == (10, 10, 70, 70.25)
    assert shape.area == pytest.approx(2 * polygon_area(TRIANGLE))


def test_a_mask_comes_back_exactly():
    bitmap = np.zeros((40, 60), bool)
    bitmap[5:9, 7:20] = True
    shape = Shape(runs=Patch.from_bitmap(bitmap[5:9, 7:20], 7, 5).rle(40, 60))
    again = Shape.from_coco(shape.to_coco(), 40, 60)
    assert again.same(shape)
    assert (again.box, again.area) == ((7, 5, 20, 9), 52)
    assert (again.patch(40, 60).on_photo(40, 60) == bitmap).all()
    assert not shape.same(square(7, 5, 4))


def test_a_patch_holds_the_pixels_on_the_photo_only():
    patch = square(-10, 20, 30).patch(40, 60)
    assert patch.on_photo(40, 60)[20:40, :20].all()
    assert patch.area == 20 * 20
    assert square(100, 100, 5).patch(40, 60).area == 0


def test_iou():
    a, b = square(0, 0, 10).patch(50, 50), square(5, 0, 10).patch(50, 50)
    assert iou(a, b) == pytest.approx(1 / 3)
    assert iou(a, a) == 1
    empty = square(90, 90, 5).patch(50, 50)
    assert iou(empty, empty) == 0


@pytest.mark.parametrize("wrong", [None, [], [[1, 2, 3, 4]], [[1, 2, 3, 4, 5, 6, 7]], [["a"] * 6], {"size": [1, 1]}])
def test_what_is_no_segmentation_is_refused(wrong):
    with pytest.raises(Complaint):
        Shape.from_coco(wrong, 40, 60)


def test_a_turned_rectangle():
    assert rectangle(10, 20, 30, 40).tolist() == [[10, 20], [30, 20], [30, 40], [10, 40]]
    turned = rectangle(10, 20, 50, 40, degrees=90)
    assert np.allclose(sorted(turned.tolist()), [[20, 10], [20, 50], [40, 10], [40, 50]])
    assert np.allclose(
        rectangle(10, 20, 50, 40, degrees=30)[1], [30 + 20 * 0.8660254 + 10 * 0.5, 30 + 20 * 0.5 - 10 * 0.8660254]
    )


@given(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=3))
def test_a_cut_triangle_has_the_area_of_its_part_on_the_photo(points):
    """Against the share of a fine grid of sample points that lie in triangle and photo."""
    import cv2

    triangle = np.array(points)
    cut = clip(triangle, 100, 100)
    scale = 4
    canvas = np.zeros((220 * scale, 220 * scale), np.uint8)
    cv2.fillPoly(canvas, [np.round((triangle + 60) * scale).astype(np.int32)], 1)
    inside = canvas[60 * scale : 160 * scale, 60 * scale : 160 * scale]
    expected = inside.sum() / scale**2
    outline = 3 * 2 * 320 / scale  # rounding and OpenCV's thick edge
    assert (polygon_area(cut) if cut is not None else 0) == pytest.approx(expected, abs=outline)
    if cut is not None:
        assert cut.min() >= 0 and cut.max() <= 100


def test_cutting_at_the_border():
    assert clip(rectangle(-10, -10, -2, -2), 100, 100) is None
    assert polygon_area(clip(rectangle(-10, 5, 10, 15), 100, 100)) == 100
    inside = rectangle(1, 1, 5, 5)
    assert clip(inside, 100, 100) is inside
    shape = Shape((rectangle(-10, 5, 10, 15), rectangle(200, 0, 210, 10))).on_photo(100, 100)
    assert len(shape.polygons) == 1 and shape.area == 100
    assert Shape((rectangle(200, 0, 210, 10),)).on_photo(100, 100) is None
