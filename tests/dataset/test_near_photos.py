import cv2
import numpy as np
import pytest

from crumple.dataset import near_photos as module
from crumple.dataset.fingerprints import Memory, fingerprint
from crumple.dataset.near_photos import HashedPhoto, near_photos, steps
from crumple.errors import PhotoError
from tests.prepare.pictures import scene


def write(folder, name, rgb):
    cv2.imwrite(str(folder / name), rgb)
    return HashedPhoto(folder / name, fingerprint(folder / name, Memory()))


@pytest.fixture
def photos(tmp_path):
    """Five photos, and copies of the second and the fourth, the latter mirrored."""
    ones = [write(tmp_path, f"{seed}.png", scene(seed)) for seed in range(5)]
    return ones, [
        write(tmp_path, "copy.png", scene(1)[8:]),
        write(tmp_path, "other.png", scene(9)),
        write(tmp_path, "mirrored.png", scene(3)[:, ::-1]),
        write(tmp_path, "same.png", scene(4)),
    ]


@pytest.mark.parametrize("block", [2, 5, 100])
def test_pairs_are_found_in_whatever_block_they_lie_and_the_same_file_is_none(photos, monkeypatch, block):
    monkeypatch.setattr(module, "BLOCK", block)
    ones, others = photos
    taken = []
    found = near_photos(ones, others, lambda: taken.append(1))
    assert {(pair.earlier, pair.later, pair.mirrored) for pair in found} == {
        (ones[1].print.sha256, others[0].print.sha256, False),
        (ones[3].print.sha256, others[2].print.sha256, True),
    }
    assert [pair.landmarks for pair in found] == sorted((pair.landmarks for pair in found), reverse=True)
    assert len(taken) == steps(len(ones), len(others))


def test_steps_count_photos_and_comparisons():
    assert steps(3, 2) == 7 and steps(0, 2) == 2 and steps(2, 0) == 2
    assert steps(2 * module.BLOCK + 1, 10) == 2 * module.BLOCK + 1 + 10 + 30


def test_nothing_to_compare(photos):
    ones, _ = photos
    assert near_photos([], ones) == near_photos(ones, []) == near_photos([], []) == []


def test_a_photo_that_is_gone_says_so(photos, tmp_path):
    ones, others = photos
    others[0].path.unlink()
    with pytest.raises(PhotoError, match=r"copy\.png"):
        near_photos(ones, others)


def test_a_pair_that_is_near_both_ways_is_told_once(tmp_path):
    half = scene(2)[:, :320]
    symmetric = np.concatenate([half, half[:, ::-1]], axis=1)
    one, other = write(tmp_path, "a.png", symmetric), write(tmp_path, "b.png", symmetric // 2)
    (pair,) = near_photos([one], [other])
    assert pair.landmarks >= 65
