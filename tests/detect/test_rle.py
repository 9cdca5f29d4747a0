import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.detect.masks import Patch
from crumple.detect.rle import counts, decode, decode_patch


@pytest.mark.parametrize("seed", range(30))
def test_equals_pycocotools_on_the_whole_mask(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 40, 2)
    h, w = rng.integers(0, height + 1), rng.integers(0, width + 1)
    y, x = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    bitmap = rng.random((h, w)) < rng.choice([0.0, 0.2, 0.9, 1.0])
    patch = Patch.from_bitmap(bitmap, int(x), int(y))
    full = np.zeros((height, width), bool)
    full[y : y + h, x : x + w] = bitmap
    np.testing.assert_array_equal(patch.on_photo(height, width), full)
    runs = patch.rle(height, width)
    expected = coco_mask.encode(np.asfortranarray(full.astype(np.uint8)))
    assert runs == {"size": [height, width], "counts": expected["counts"].decode()}
    np.testing.assert_array_equal(decode(runs), full)


def test_a_full_photo_is_one_run():
    full = Patch.from_bitmap(np.ones((4, 5), bool))
    assert counts(full.columns, full.rows, 4, 5).tolist() == [0, 20]


@pytest.mark.parametrize(("x", "y"), [(1, 0), (0, 1), (-1, 0), (0, -1)])
def test_refuses_a_patch_that_does_not_fit(x, y):
    with pytest.raises(ValueError, match="does not fit a photo of 5x4"):
        Patch.from_bitmap(np.ones((4, 5), bool), x, y).rle(4, 5)


@pytest.mark.parametrize("seed", range(30))
def test_a_patch_comes_back_cropped_to_its_pixels(seed):
    rng = np.random.default_rng(seed)
    bitmap = np.zeros((12, 9), bool)
    bitmap[2:7, 3:8] = rng.random((5, 5)) < rng.choice([0.1, 0.5, 1.0])
    runs = Patch.from_bitmap(bitmap, 4, 6).rle(20, 30)
    patch = Patch.from_rle(runs)
    np.testing.assert_array_equal(patch.on_photo(20, 30), decode(runs))
    rows, columns = np.nonzero(decode(runs))
    if not len(rows):
        assert patch.box == (0, 0, 0, 0) and patch.bitmap().shape == (0, 0)
        return
    assert patch.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert patch.rle(20, 30) == runs


def test_a_mask_without_a_pixel_is_an_empty_patch():
    bitmap, x, y = decode_patch(Patch(np.zeros(0, np.int64)).rle(20, 30))
    assert (bitmap.shape, x, y) == ((0, 0), 0, 0)


def test_a_mask_that_runs_on_from_one_column_to_the_next_keeps_its_box():
    full = np.ones((4, 2), bool)  # bottom of one column to the top of the next: a single run
    patch = Patch.from_rle(Patch.from_bitmap(full, 3, 0).rle(4, 9))
    assert patch.box == (3, 0, 5, 4)
