import cv2
import numpy as np
import pytest

from crumple.prepare.copies.hashes import mirrored
from crumple.prepare.copies.landmarks import Common, common_landmarks, find_landmarks
from tests.prepare.pictures import scene


def common(one, other):
    return common_landmarks(find_landmarks(one), find_landmarks(other))


def test_a_photo_shares_nearly_all_with_itself_and_next_to_nothing_with_another():
    same = common(scene(0), scene(0))
    assert same.count > 300 and same.area > 0.5
    assert max(common(scene(0), scene(seed)).count for seed in range(1, 8)) < 20


@pytest.mark.parametrize("change", ["cropped", "stretched", "turned", "darker"])
def test_what_a_second_shot_or_an_editor_does_leaves_enough_in_common(change):
    photo = scene(1)
    turn = cv2.getRotationMatrix2D((320, 240), 8, 1.0)
    changed = {
        "cropped": lambda: photo[40:460, 60:600],
        "stretched": lambda: cv2.resize(photo, (640, 640)),
        "turned": lambda: cv2.warpAffine(photo, turn, (640, 480), borderMode=cv2.BORDER_REPLICATE),
        "darker": lambda: cv2.convertScaleAbs(photo, alpha=0.6),
    }[change]()
    assert common(photo, changed).count > 70


def test_a_mirror_image_must_be_mirrored_to_be_found():
    photo = scene(2)
    assert common(photo, mirrored(photo)).area < 0.01
    assert common(mirrored(photo), mirrored(photo)).count > 300


def test_a_sticker_on_two_photos_spans_its_own_area_only():
    one, other = scene(3), scene(4)
    one[200:296, 300:428] = other[200:296, 300:428] = scene(5)[:96, :128]  # a fifth of each side
    assert common(one, other).area < 0.05


@pytest.mark.parametrize("size", [(1, 1), (2, 3000), (400, 400)])
def test_a_flat_photo_has_none(size):
    flat = np.full((*size, 3), 77, np.uint8)
    assert len(find_landmarks(flat).points) == 0
    assert common(flat, scene(0)) == common(scene(0), flat) == common(flat, flat) == Common(0, 0.0)
