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
    assert (patch.box, patch.area) == ((5, 6, 25, 16), 200)


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
            x, y = int(rng.integers(0, 40 - w)), int(rng.integers(0, 30 - h))
            patches.append(Patch.from_bitmap(rng.random((h, w)) > 0.4, x, y))
        full = patches[0].on_photo(30, 40) & patches[1].on_photo(30, 40)
        assert patches[0].overlap(patches[1]) == full.sum() == patches[1].overlap(patches[0])


def test_union_equals_that_of_the_full_masks():
    rng = np.random.default_rng(4)
    for number in (1, 2, 5):
        patches = [
            Patch.from_bitmap(rng.random((8, 9)) > 0.6, *map(int, rng.integers(0, 12, 2))) for _ in range(number)
        ]
        joint = Patch.union([*patches, Patch(np.zeros(0, np.int64))])
        expected = np.any([patch.on_photo(40, 40) for patch in patches], axis=0)
        np.testing.assert_array_equal(joint.on_photo(40, 40), expected)
        assert joint.area == expected.sum()
        assert joint.rle(40, 40) == Patch.from_bitmap(expected).rle(40, 40)
    assert Patch.union([]).area == 0


@pytest.mark.parametrize("seed", range(40))
def test_paste_equals_the_definition_on_random_boxes(seed):
    """Boxes that the photo clips, thinner than a pixel or without one; grids of probabilities, and of 0 and 1."""
    rng = np.random.default_rng(seed)
    grid = rng.random((14, 14), np.float32) if seed % 3 else (rng.random((14, 14)) > 0.5).astype(np.float32)
    x0, y0 = rng.uniform(-20, 40, 2)
    across, down = rng.choice([0.4, 1.5, 9.0, 60.0], 2) * rng.uniform(0.8, 1.2, 2)
    box = (x0, y0, x0 + across, y0 + down)
    expected = slow_paste(grid.astype(np.float64), box, 36, 40)
    patch = paste(grid, box, 36, 40)
    np.testing.assert_array_equal(patch.on_photo(36, 40), expected)
    assert (np.diff(patch.edges) > 0).all() and patch.area == expected.sum()


def test_a_value_of_exactly_the_threshold_is_outside():
    """Pixel centres that fall on the crossing itself: one pixel a cell, and two with cells of 0 and 1 beside them."""
    assert paste(np.full((4, 4), 0.5, np.float32), (0, 0, 4, 4), 4, 4).area == 0
    step = np.repeat(np.array([[0], [1], [1], [0]], np.float32), 4, axis=1)
    for tall in (4, 8, 12, 20):
        pasted = paste(step, (0, 0, 4, tall), tall, 4).on_photo(tall, 4)
        np.testing.assert_array_equal(pasted, slow_paste(step, (0, 0, 4, tall), tall, 4))


def test_cells_that_are_no_numbers_are_no_mask():
    grid = np.full((28, 28), 0.1, np.float32)
    grid[5], grid[6], grid[7] = 0.9, np.nan, 0.9
    clean = np.nan_to_num(grid)
    found, expected = (paste(g, (3, 3, 120, 90), 100, 130) for g in (grid, clean))
    assert found.area and np.array_equal(found.edges, expected.edges)
