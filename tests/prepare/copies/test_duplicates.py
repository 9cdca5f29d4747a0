import itertools

import cv2
import numpy as np
import pytest

from crumple.dataset import near_photos
from crumple.prepare.copies import duplicates
from crumple.prepare.copies.crops import CROPS, crop, crop_hashes
from crumple.prepare.copies.duplicates import (
    BANDS,
    MAX_BITS,
    candidates,
    clusters,
    hash_table,
    same_picture,
)
from crumple.prepare.copies.hashes import distances, perceptual_hash
from crumple.prepare.copies.landmarks import find_landmarks
from tests.prepare.pictures import blobs, scene


def found_pairs(photos):
    table = hash_table(photos)
    return {pair for band in range(BANDS) for pair, _ in candidates(table, band)}


def copies(hashes, landmarks):
    """As the pipeline finds them, which does so on many workers."""
    table = hash_table(hashes)
    found = (candidate for band in range(BANDS) for candidate in candidates(table, band))
    close = {pair for pair, sure in found if sure or same_picture(*(landmarks[photo] for photo in pair))}
    return close.union(table.twins)


def agree(one, other):
    return any((one >> 8 * band) & 255 == (other >> 8 * band) & 255 for band in range(BANDS))


def test_exactly_those_that_agree_in_a_band_and_are_close_are_found():
    rng = np.random.default_rng(1)
    base = [int(h) for h in rng.integers(1, 2**63, 200)]
    flips = [sum(1 << int(b) for b in rng.choice(64, n, replace=False)) for n in rng.integers(5, 16, 200)]
    hashes = base + [h ^ flip for h, flip in zip(base, flips, strict=True)]
    found = found_pairs({f"{i:03d}": (h,) for i, h in enumerate(hashes)})
    bits = distances(np.array(hashes, np.uint64), np.array(hashes, np.uint64))
    assert {(f"{i:03d}", f"{i + 200:03d}") for i in range(200) if bits[i, i + 200] < BANDS} <= found
    assert found == {
        (f"{i:03d}", f"{j:03d}")
        for i, j in itertools.combinations(range(400), 2)
        if bits[i, j] <= MAX_BITS and agree(hashes[i], hashes[j])
    }


def test_a_thousand_copies_do_not_make_half_a_million_pairs():
    table = hash_table({f"{i:04d}": (12345, 7) for i in range(1000)} | {"x": (12345 ^ 1, 9)})
    assert len(table.twins) == 999 and len(table.ids) == 2
    assert list(candidates(table, 3)) == [(("0000", "x"), True)]


def test_crops_are_compared_with_wholes_and_are_never_sure():
    table = hash_table({"a": (0b1111, 2**60), "b": (2**60 + 2**40, 2**50)})
    assert list(candidates(table, 0)) == [(("a", "b"), False)]


def test_a_photo_without_any_shape_is_like_no_other():
    assert found_pairs({"a": (0, 0), "b": (0, 0), "c": (1, 0)}) == set()
    assert hash_table({}).ids == () and found_pairs({}) == set()


def test_clusters_are_the_connected_components_named_by_their_smallest():
    pairs = [("d", "e"), ("b", "c"), ("c", "d"), ("x", "y")]
    for order in itertools.permutations(pairs):
        found = clusters(["z", "a"], order)
        assert found == dict(zip("zabcdexy", "zabbbbxx", strict=True))


@pytest.mark.parametrize("change", ["poor", "half", "cropped", "brighter", "one side"])
def test_copies_are_found_and_nothing_else(change):
    photo = scene(1)
    copy = {
        "poor": lambda: cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], 1),
        "half": lambda: cv2.resize(photo, (320, 240), interpolation=cv2.INTER_AREA),
        "cropped": lambda: crop(photo, (0.06, 0.05, 0.04, 0.07)),
        "brighter": lambda: cv2.convertScaleAbs(photo, alpha=1.2),
        "one side": lambda: crop(photo, (0.1, 0, 0, 0)),
    }[change]()
    pictures = {"copy": copy, "photo": photo} | {f"other {seed}": scene(seed) for seed in range(2, 8)}
    hashes = {name: (int(perceptual_hash(p)), *crop_hashes(p)) for name, p in pictures.items()}
    landmarks = {name: find_landmarks(p) for name, p in pictures.items()}
    assert copies(hashes, landmarks) == {("copy", "photo")}


def test_close_hashes_are_not_enough():
    photo, bare = find_landmarks(scene(1)), find_landmarks(blobs(1))
    assert same_picture(photo, photo)
    assert not same_picture(bare, bare) and not same_picture(photo, find_landmarks(scene(2)))
    hashes = {"a": (2**20, 0), "b": (2**20 + 2**6 - 1, 0)}
    assert copies(hashes, {"a": bare, "b": bare}) == set()
    assert copies(hashes | {"b": (2**20 + 15, 0)}, {"a": bare, "b": bare}) == {("a", "b")}


def test_crops_are_what_they_say():
    assert len(crop_hashes(scene(0))) == len(CROPS) == 7
    assert crop(scene(0, (100, 200)), (0.1, 0.0, 0.2, 0.05)).shape == (95, 140, 3)


def test_limits_are_those_of_the_leak_audit():
    for name in ("SURE_BITS", "LEAST_COMMON", "LEAST_AREA"):
        assert getattr(duplicates, name) == getattr(near_photos, name)
