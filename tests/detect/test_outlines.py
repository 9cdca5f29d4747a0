import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.detect.masks import Patch
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
    polygons = outlines(Patch.from_bitmap(mask), tolerance=0)
    assert sum(polygon_area(p) for p in polygons) == pytest.approx(mask.sum())
    np.testing.assert_array_equal(fill(polygons, 60, 80), mask)


@pytest.mark.parametrize("seed", range(8))
def test_simplified_outlines_stay_close_and_are_short(seed):
    mask = blob(seed)
    patch = Patch.from_bitmap(mask)
    exact, simple = outlines(patch, tolerance=0), outlines(patch)
    filled = fill(simple, 60, 80).astype(bool)
    assert (filled & mask).sum() / (filled | mask).sum() > 0.93
    assert sum(map(len, simple)) < 0.5 * sum(map(len, exact))


def test_a_line_one_pixel_wide_keeps_its_area():
    mask = np.zeros((10, 40), bool)
    mask[4, 5:35] = True
    (polygon,) = outlines(Patch.from_bitmap(mask, 100, 200))
    assert polygon_area(polygon) == 30
    assert polygon.min(axis=0).tolist() == [105, 204] and polygon.max(axis=0).tolist() == [135, 205]


def test_pieces_come_largest_first_and_nothing_gives_nothing():
    mask = np.zeros((20, 20), bool)
    mask[1:3, 1:3] = mask[10:18, 10:18] = True
    assert [polygon_area(p) for p in outlines(Patch.from_bitmap(mask))] == [64, 4]
    assert outlines(Patch.from_bitmap(np.zeros((5, 5), bool))) == []


@pytest.mark.parametrize("seed", range(20))
def test_ragged_masks_are_traced_as_opencv_traces_them(seed):
    """Pieces joined at corners, holes, islands in them; OpenCV on doubled pixels gives edges their own place."""
    rng = np.random.default_rng(seed)
    mask = rng.random((9, 11)) < rng.choice([0.3, 0.6, 0.85])
    doubled = np.kron(mask, np.ones((2, 2))).astype(np.uint8)
    contours, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    expected = sorted(cv2.contourArea((contour + 1) // 2) for contour in contours)
    polygons = outlines(Patch.from_bitmap(mask, 3, 5), tolerance=0)
    assert sorted(polygon_area(polygon) for polygon in polygons) == expected
    for polygon in polygons:  # corners alone, and every one a corner
        steps = np.diff(polygon, axis=0, append=polygon[:1])
        assert ((steps != 0).sum(axis=1) == 1).all() and (steps[:, 0] != 0).tolist() != (steps[:, 1] != 0).tolist()


def test_an_island_in_a_hole_is_covered_by_what_is_round_it():
    mask = np.ones((20, 20), bool)
    mask[4:16, 4:16] = False
    mask[8:12, 8:12] = True
    (polygon,) = outlines(Patch.from_bitmap(mask))
    assert polygon_area(polygon) == 400
