import cv2
import numpy as np
import pytest

from crumple.watch.motion import CameraMotion, move_box, move_points, plausible
from tests.watch.videos import texture


def view(matrix, scene, size=(640, 480)):
    """The scene through a known homography, in continuous coordinates."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    return cv2.warpPerspective(scene, np.linalg.inv(half) @ matrix @ half, size)


@pytest.mark.parametrize("size", [(640, 480), (1280, 960)])
def test_the_motion_between_two_views_is_found(size):
    scene = texture(1, 1600, 1200)
    turn = np.deg2rad(3)
    first = np.array([[1, 0, -150], [0, 1, -120], [0, 0, 1.0]])
    second = np.array(
        [[1.05 * np.cos(turn), -np.sin(turn), -170], [np.sin(turn), 1.05 * np.cos(turn), -130], [2e-5, 0, 1.0]]
    )
    motion = CameraMotion()
    assert motion(view(first, scene, size)) is None
    found = motion(view(second, scene, size))
    corners = np.array([[50, 50], [size[0] - 60, 70], [size[0] / 2, size[1] - 80]])
    truth = move_points(corners, second @ np.linalg.inv(first))
    np.testing.assert_allclose(move_points(corners, found), truth, atol=1.0)


def test_a_cut_is_no_motion():
    motion = CameraMotion()
    motion(texture(1, 640, 480))
    assert motion(texture(2, 640, 480)) is None


@pytest.mark.parametrize("picture", [np.zeros((480, 640, 3), np.uint8), texture(1, 320, 240)])
def test_nothing_to_follow_or_another_size(picture):
    motion = CameraMotion()
    motion(texture(1, 640, 480))
    assert motion(picture) is None
    assert motion(texture(1, 640, 480)) is None


def test_what_folds_or_blows_up_the_picture_is_not_plausible():
    assert plausible(np.eye(3), (480, 640))
    assert not plausible(np.diag([4.0, 4.0, 1.0]), (480, 640))
    assert not plausible(np.diag([-1.0, 1.0, 1.0]), (480, 640))
    assert not plausible(np.array([[1, 0, 0], [0, 1, 0], [-0.003, 0, 1.0]]), (480, 640))


def test_a_box_keeps_its_size_when_the_camera_turns():
    turn = np.deg2rad(10)
    matrix = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    back = move_box(move_box(np.array([100.0, 100, 200, 160]), matrix), np.linalg.inv(matrix))
    np.testing.assert_allclose(back, [100, 100, 200, 160], atol=4)
    np.testing.assert_array_equal(move_box(np.array([1.0, 2, 3, 4]), np.eye(3)), [1, 2, 3, 4])
