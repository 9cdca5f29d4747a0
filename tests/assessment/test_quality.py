import cv2
import numpy as np
import pytest

from crumple.assessment.quality import photo_checks, vehicle_check


def scene(height=480, width=640):
    """Random rectangles: edges everywhere."""
    rng = np.random.default_rng(0)
    picture = np.full((height, width, 3), 120, np.uint8)
    for _ in range(60):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        colour = tuple(int(v) for v in rng.integers(30, 230, 3))
        cv2.rectangle(picture, (x, y), (x + 90, y + 60), colour, -1)
    return picture


def failed(picture):
    return [check.name for check in photo_checks(picture) if not check.ok]


def test_a_good_photo_passes_everything():
    assert failed(scene()) == []
    assert len(photo_checks(scene())) == 4


@pytest.mark.parametrize(
    ("picture", "names"),
    [
        (scene(200, 300), ["too_small"]),
        (cv2.GaussianBlur(scene(), (0, 0), 4), ["blurred"]),
        (np.clip(scene().astype(int) * 2 + 180, 0, 255).astype(np.uint8), ["overexposed"]),
        (scene() // 5, ["too_dark"]),
    ],
)
def test_what_is_wrong_is_named(picture, names):
    assert set(names) <= set(failed(picture))
    check = next(check for check in photo_checks(picture) if check.name == names[0])
    assert check.text and (check.value < check.limit or names[0] == "overexposed")


def test_sharpness_hardly_depends_on_the_size_of_the_photo():
    small, large = failed(scene()), failed(cv2.resize(scene(), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC))
    assert small == large == []


def test_a_single_pixel_does_not_break_it():
    assert "too_small" in failed(np.zeros((1, 1, 3), np.uint8))
    assert "too_small" in failed(np.zeros((1, 3000, 3), np.uint8))


def test_vehicle_seen_by_parts_or_by_sure_damage():
    assert vehicle_check(0.5, False).ok and vehicle_check(0.5, False).text == "vehicle seen on 50 % of the photo"
    assert vehicle_check(0.0, True).ok
    assert not vehicle_check(0.0, False).ok and vehicle_check(0.0, False).text == "no vehicle seen"
