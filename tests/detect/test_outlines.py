import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.detect.outlines import outlines


def polygon_area(polygon):
    """Shoelace formula."""
    x, y = polygon.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def fill(polygons, height, width):
    return coco_mask.decode(
        coco_mask.merge(coco_mask.frPyObjects([p.ravel().tolist() for p in polygons], height, width))
    )


def blob(seed, threshold=0.5):
    import cv2

    noise = np.random.default_rng(seed).random((60, 80)).astype(np.float32)
    mask = (cv2.GaussianBlur(noise, (0, 0), 4) > np.float32(threshold)).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros_like(mask), contours, -1, 1, cv2.FILLED).astype(bool)  # holes filled


@pytest.mark.parametrize("seed", range(8))
def test_exact_outlines_enclose_exactly_the_pixels(seed):
    mask = blob(seed)
    polygons = outlines(mask, tolerance=0)
    assert sum(polygon_area(p) for p in polygons) == pytest.approx(mask.sum())
    np.testing.assert_array_equal(fill(polygons, 60, 80), mask)


@pytest.mark.parametrize("seed", range(8))
def test_simplified_outlines_stay_close_and_are_short(seed):
    mask = blob(seed)
    exact, simple = outlines(mask, tolerance=0), outlines(mask)
    filled = fill(simple, 60, 80).astype(bool)
    assert (filled & mask).sum() / (filled | mask).sum() > 0.93
    assert sum(map(len, simple)) < 0.5 * sum(map(len, exact))


def test_a_line_one_pixel_wide_keeps_its_area():
    mask = np.zeros((10, 40), bool)
    mask[4, 5:35] = True
    (polygon,) = outlines(mask, x=100, y=200)
    assert polygon_area(polygon) == 30
    assert polygon.min(axis=0).tolist() == [105, 204] and polygon.max(axis=0).tolist() == [135, 205]


def test_pieces_come_largest_first_and_nothing_gives_nothing():
    mask = np.zeros((20, 20), bool)
    mask[1:3, 1:3] = mask[10:18, 10:18] = True
    assert [polygon_area(p) for p in outlines(mask)] == [64, 4]
    assert outlines(np.zeros((0, 0), bool)) == [] == outlines(np.zeros((5, 5), bool))


def test_of_a_large_mask_the_quick_outline_holds_nearly_the_same_pixels(monkeypatch):
    rng = np.random.default_rng(3)
    grid = cv2.GaussianBlur(rng.random((28, 28)).astype(np.float32), (0, 0), 2)
    bitmap = cv2.resize(grid, (1200, 900)) > np.median(grid)
    quick = outlines(bitmap, 5, 7)
    monkeypatch.setattr("crumple.detect.outlines.LARGE", bitmap.size)
    exact = outlines(bitmap, 5, 7)
    assert len(quick) == len(exact)
    areas = [sum(abs(cv2.contourArea(polygon.astype(np.float32))) for polygon in found) for found in (quick, exact)]
    assert areas[0] == pytest.approx(areas[1], rel=0.003)
    a, b = (filled(found) for found in (quick, exact))
    assert (a & b).sum() / (a | b).sum() > 0.995


def filled(polygons):
    canvas = np.zeros((920, 1220), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(canvas, [np.rint(polygon - 0.5).astype(np.int32)], 1)
    return canvas.astype(bool)
