import cv2
import numpy as np
import pytest

from crumple.prepare.quality import brightness, burnt_share, normal_luma, sharpness


def flat(*rgb, size=(300, 400)):
    return np.full((*size, 3), rgb, np.uint8)


def test_brightness_is_the_mean_luma():
    assert brightness(flat(0, 0, 0)) == 0 and brightness(flat(255, 255, 255)) == 255
    assert brightness(flat(255, 0, 0)) == pytest.approx(0.299 * 255, abs=0.6)  # Rec. 601, rounded to whole numbers
    half = flat(0, 0, 0)
    half[:, 200:] = 200
    assert brightness(half) == pytest.approx(100, abs=0.5)


def test_the_burnt_share_counts_pixels_from_250_on():
    photo = flat(249, 249, 249, size=(512, 512))
    photo[:128] = 250
    assert burnt_share(photo) == 0.25


def test_a_close_up_of_a_smooth_panel_with_one_edge_is_sharp():
    panel = flat(150, 150, 150, size=(512, 512))
    panel[:, 300:] = 60
    assert sharpness(panel) > 90 > sharpness(cv2.GaussianBlur(panel, (0, 0), 5))


def test_the_sharpness_of_one_edge_is_the_variance_that_paper_gives():
    """Of a step of 90 the Laplacian is -90 and 90 in one column each of a tile's 32, and 0 elsewhere: 2 * 90^2 / 32."""
    panel = flat(150, 150, 150, size=(512, 512))
    panel[:, 304:] = 60
    assert sharpness(panel) == pytest.approx(2 * 90**2 / 32)
    assert sharpness(flat(150, 150, 150)) == 0


def test_measures_hardly_depend_on_the_size_of_the_photo():
    rng = np.random.default_rng(0)
    small = cv2.resize(rng.integers(0, 256, (48, 64, 3)).astype(np.uint8), (512, 384), interpolation=cv2.INTER_CUBIC)
    large = cv2.resize(small, (2048, 1536), interpolation=cv2.INTER_CUBIC)
    assert brightness(large) == pytest.approx(brightness(small), abs=0.5)
    assert sharpness(large) == pytest.approx(sharpness(small), rel=0.1)


def test_the_normal_size_is_512_and_is_left_alone():
    assert normal_luma(flat(1, 2, 3, size=(1024, 512))).shape == (512, 256)
    assert normal_luma(flat(1, 2, 3, size=(100, 50))).shape == (512, 256)
    luma = normal_luma(flat(1, 2, 3, size=(512, 40)))
    assert luma.shape == (512, 40) and normal_luma(luma) is luma


def test_the_luma_gives_the_same_measures_as_the_photo():
    photo = np.random.default_rng(0).integers(0, 256, (300, 700, 3)).astype(np.uint8)
    luma = normal_luma(photo)
    for measure in (brightness, burnt_share, sharpness):
        assert measure(luma) == measure(photo)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_a_photo_of_one_line_can_be_measured(size):
    photo = flat(255, 255, 255, size=size)
    assert (brightness(photo), burnt_share(photo), sharpness(photo)) == (255, 1, 0)
