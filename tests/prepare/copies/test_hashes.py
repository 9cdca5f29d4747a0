import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crumple.prepare.copies.hashes import distances, mirrored, perceptual_hash, perceptual_hashes
from tests.prepare.pictures import blobs


def distance(one, other):
    return int(distances(np.array([perceptual_hash(one)]), np.array([perceptual_hash(other)]))[0, 0])


def test_a_copy_keeps_its_hash_and_another_photo_has_another():
    assert distance(blobs(0), blobs(0)) == 0
    others = [distance(blobs(0), blobs(seed)) for seed in range(1, 30)]
    assert min(others) > 14 and 28 < np.mean(others) < 36  # half of 64 bits by chance


@pytest.mark.parametrize("change", ["smaller", "stretched", "jpeg", "brighter"])
def test_scaling_compressing_and_brightening_change_a_few_bits_at_most(change):
    photo = blobs(3)
    changed = {
        "smaller": lambda: cv2.resize(photo, (160, 120), interpolation=cv2.INTER_AREA),
        "stretched": lambda: cv2.resize(photo, (640, 640)),
        "jpeg": lambda: cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], 1),
        "brighter": lambda: cv2.convertScaleAbs(photo, alpha=0.8, beta=40),
    }[change]()
    assert distance(photo, changed) <= 4


def test_the_mirror_image_is_far_away_until_it_is_mirrored_again():
    photo = blobs(5)
    assert distance(photo, mirrored(photo)) > 14
    assert np.array_equal(mirrored(mirrored(photo)), photo)
    assert mirrored(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)).tolist() == [[[4, 5, 6], [1, 2, 3]]]


def test_bits_say_which_waves_are_in_the_photo():
    """A horizontal cosine of one and a half periods is DCT column 3 of row 0; times a vertical one of half, row 1."""
    x, y = np.meshgrid((np.arange(32) + 0.5) / 32, (np.arange(32) + 0.5) / 32)
    photo = 128 + 100 * np.cos(3 * np.pi * x) * np.cos(np.pi * y)
    hashed = int(perceptual_hash(np.repeat(photo[..., None], 3, axis=2).astype(np.uint8)))
    assert hashed >> 2 & 1  # row 1, column 3: bit 8 * 0 + 2
    assert not int(perceptual_hash(np.repeat(255 - photo[..., None], 3, axis=2).astype(np.uint8))) >> 2 & 1


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (4000, 3)])
def test_any_shape_has_a_hash_and_a_flat_photo_has_no_bits(size):
    assert perceptual_hash(np.full((*size, 3), 90, np.uint8)) == 0


def test_many_at_once_have_the_hashes_that_each_has():
    photos = [blobs(0), blobs(1)[:100], cv2.cvtColor(blobs(2), cv2.COLOR_RGB2GRAY)]
    assert perceptual_hashes(photos).tolist() == [int(perceptual_hash(photo)) for photo in photos]


def test_the_luma_has_the_hash_of_the_photo_but_for_a_bit_or_two():
    photo = blobs(3)
    luma = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    assert (int(perceptual_hash(photo)) ^ int(perceptual_hash(luma))).bit_count() <= 2


def test_known_distances():
    ones = np.array([0, 2**64 - 1], np.uint64)
    others = np.array([0, 0b1011, 2**63], np.uint64)
    assert distances(ones, others).tolist() == [[0, 3, 1], [64, 61, 63]]
    assert distances(ones[:0], others).shape == (0, 3)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5), st.integers(0, 2**64 - 1))
def test_distances_equal_counting_bits_one_by_one(ones, other):
    expected = [[(one ^ other).bit_count()] for one in ones]
    assert distances(np.array(ones, np.uint64), np.array([other], np.uint64)).tolist() == expected
