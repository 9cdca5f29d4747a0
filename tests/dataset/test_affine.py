import numpy as np
import pytest

from crumple.dataset.affine import Augmentation, PhotoAffine, jitter_colour, random_affine

WILD = Augmentation(scale=(0.4, 2.0), aspect=1.3, flip=0.5, brightness=0.2, contrast=0.3, saturation=0.4, hue=20)


def test_defaults_fit_the_photo_to_the_canvas():
    affine = random_affine(np.random.default_rng(0), (640, 320), (384, 384), Augmentation())
    assert affine.size == (384, 192) and not affine.flip
    assert affine.shift[0] == 0 and 0 <= affine.shift[1] <= 192


@pytest.mark.parametrize("seed", range(8))
def test_pixels_and_points_move_together(seed):
    """A white square in a black photo is found where its corners' coordinates say."""
    rng = np.random.default_rng(seed)
    rgb = np.zeros((200, 300, 3), np.uint8)
    rgb[60:140, 90:210] = 255
    affine = random_affine(rng, (300, 200), (256, 320), WILD)
    image = affine.image(rgb, (256, 320))
    corners = affine.points(np.array([[90.0, 60.0], [210.0, 140.0]]))
    x0, x1 = np.clip(sorted(corners[:, 0]), 0, 320)
    y0, y1 = np.clip(sorted(corners[:, 1]), 0, 256)
    rows, columns = np.nonzero(image[..., 0] > 128)
    assert (x1 - x0) * (y1 - y0) > 500, "the square must be in view for the test to say anything"
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert np.allclose(found, [x0, y0, x1, y1], atol=2.0)


def test_matrix_is_the_same_map():
    affine = PhotoAffine((300, 200), (150, 400), True, (-7, 20))
    points = np.random.default_rng(0).uniform(0, 300, (10, 2))
    mapped = points @ affine.matrix()[:, :2].T + affine.matrix()[:, 2]
    assert np.allclose(mapped, affine.points(points))


def test_a_larger_photo_is_cropped_within_its_bounds():
    for seed in range(20):
        affine = random_affine(np.random.default_rng(seed), (640, 640), (384, 384), Augmentation(scale=(1.5, 2.0)))
        left, top = affine.shift
        assert left <= 0 <= left + affine.size[0] - 384 and top <= 0 <= top + affine.size[1] - 384


def test_colour_jitter_changes_colour_only():
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    out = jitter_colour(np.random.default_rng(1), rgb, WILD)
    assert out.shape == rgb.shape and out.dtype == np.uint8 and not np.array_equal(out, rgb)
    assert jitter_colour(np.random.default_rng(1), rgb, Augmentation()) is rgb
