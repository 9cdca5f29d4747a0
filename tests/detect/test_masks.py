import numpy as np
import pytest

from crumple.detect.masks import Patch, crop_grid, paste


def slow_paste(grid, box, height, width):
    """The oracle: every pixel of the photo by the definition of half-pixel aligned bilinear interpolation."""
    m = grid.shape[0]
    x0, y0, x1, y1 = (float(v) for v in box)
    out = np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            cx, cy = x + 0.5, y + 0.5
            if not (x0 <= cx < x1 and y0 <= cy < y1):
                continue
            u = min(max((cx - x0) * m / (x1 - x0) - 0.5, 0), m - 1)
            v = min(max((cy - y0) * m / (y1 - y0) - 0.5, 0), m - 1)
            i, j = min(int(v), m - 2), min(int(u), m - 2)
            a, b = v - i, u - j
            top = grid[i, j] * (1 - b) + grid[i, j + 1] * b
            bottom = grid[i + 1, j] * (1 - b) + grid[i + 1, j + 1] * b
            out[y, x] = top * (1 - a) + bottom * a > 0.5
    return out


BOXES = [
    (3.2, 4.7, 40.1, 30.9),
    (0, 0, 64, 48),
    (-10.5, -7.25, 20, 20),
    (50.5, 40.5, 90, 70),
    (10.1, 10.2, 11.4, 47.0),
    (-30, -30, 100, 100),
    (10.6, 5, 11.4, 20),
    (70, 5, 90, 20),
]


@pytest.mark.parametrize("box", BOXES)
def test_paste_equals_the_definition(box):
    grid = np.random.default_rng(1).random((28, 28), np.float32)
    expected = slow_paste(grid.astype(np.float64), box, 48, 64)
    actual = paste(grid, box, 48, 64).on_photo(48, 64)
    assert np.count_nonzero(actual != expected) <= 1  # float32 against float64 at exactly one half


def test_paste_agrees_with_opencv_resize_on_a_whole_pixel_box():
    import cv2

    grid = np.random.default_rng(2).random((28, 28), np.float32)
    pasted = paste(grid, (10, 20, 10 + 56, 20 + 84), 200, 200).on_photo(200, 200)
    resized = cv2.resize(grid, (56, 84), interpolation=cv2.INTER_LINEAR) > 0.5
    assert np.count_nonzero(pasted[20:104, 10:66] != resized) <= 2
    assert pasted.sum() == pasted[20:104, 10:66].sum()


def test_a_full_grid_fills_its_box():
    patch = paste(np.full((28, 28), 0.9, np.float32), (5, 6, 25, 16), 40, 40)
    assert (patch.x, patch.y, patch.bitmap.shape, patch.area) == (5, 6, (10, 20), 200)


def test_crop_grid_pastes_the_same_pixels():
    grid = np.zeros((28, 28), np.float32)
    yy, xx = np.mgrid[:28, :28]
    grid[(yy - 14) ** 2 + (xx - 14) ** 2 < 90] = 1
    box, inner = (-40.0, -20.0, 160.0, 120.0), (0.0, 0.0, 160.0, 120.0)
    whole = paste(grid, box, 120, 160).on_photo(120, 160)
    cropped = paste(crop_grid(grid, box, inner), inner, 120, 160).on_photo(120, 160)
    assert (whole & cropped).sum() / (whole | cropped).sum() > 0.97


def test_overlap_equals_that_of_the_full_masks():
    rng = np.random.default_rng(3)
    for _ in range(50):
        patches = []
        for _ in range(2):
            h, w = rng.integers(0, 20, 2)
            patches.append(Patch(rng.random((h, w)) > 0.4, int(rng.integers(0, 40 - w)), int(rng.integers(0, 30 - h))))
        full = patches[0].on_photo(30, 40) & patches[1].on_photo(30, 40)
        assert patches[0].overlap(patches[1]) == full.sum() == patches[1].overlap(patches[0])
