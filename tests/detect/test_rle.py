import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.detect.masks import Patch
from crumple.detect.rle import decode, patch_counts


@pytest.mark.parametrize("seed", range(30))
def test_equals_pycocotools_on_the_whole_mask(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 40, 2)
    h, w = rng.integers(0, height + 1), rng.integers(0, width + 1)
    y, x = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    patch = Patch(rng.random((h, w)) < rng.choice([0.0, 0.2, 0.9, 1.0]), int(x), int(y))
    full = patch.on_photo(height, width)
    runs = patch.rle(height, width)
    expected = coco_mask.encode(np.asfortranarray(full.astype(np.uint8)))
    assert runs == {"size": [height, width], "counts": expected["counts"].decode()}
    np.testing.assert_array_equal(decode(runs), full)


def test_a_full_photo_is_one_run():
    assert patch_counts(np.ones((4, 5), bool), 0, 0, 4, 5).tolist() == [0, 20]


def test_refuses_a_patch_that_does_not_fit():
    with pytest.raises(ValueError, match="does not fit"):
        patch_counts(np.ones((4, 5), bool), 1, 0, 4, 5)
