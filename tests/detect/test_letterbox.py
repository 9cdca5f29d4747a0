import cv2
import numpy as np
import pytest

from crumple.detect.letterbox import PAD_VALUE, letterbox


@pytest.mark.parametrize(("height", "width"), [(50, 100), (480, 640), (1000, 37), (1, 1), (384, 384), (3, 900)])
@pytest.mark.parametrize("size", [(384, 384), (256, 512)])
def test_fills_one_side_and_pads_right_and_below(height, width, size):
    image = np.full((height, width, 3), 7, np.uint8)
    canvas, placement = letterbox(image, size)
    assert canvas.shape == (*size, 3) and canvas.dtype == np.uint8
    inside = (canvas == 7).all(axis=2)
    rows, columns = int(inside.any(axis=1).sum()), int(inside.any(axis=0).sum())
    assert rows == size[0] or columns == size[1]
    assert inside[:rows, :columns].all()
    assert (canvas[~inside] == PAD_VALUE).all()
    assert placement.to_canvas([0, 0, width, height]) == pytest.approx([0, 0, columns, rows], rel=1e-5)


def test_keeps_the_aspect_to_within_a_pixel():
    _, placement = letterbox(np.zeros((1080, 1919, 3), np.uint8), (384, 384))
    assert abs(placement.scale_y - placement.scale_x) * 1080 <= 0.5 + 1e-6


def test_to_photo_inverts_to_canvas():
    _, placement = letterbox(np.zeros((333, 777, 3), np.uint8), (384, 512))
    boxes = np.random.default_rng(0).uniform(0, 333, (20, 4)).astype(np.float32)
    np.testing.assert_allclose(placement.to_photo(placement.to_canvas(boxes)), boxes, rtol=1e-5)


def test_a_mark_lands_where_the_placement_says():
    image = np.zeros((600, 900, 3), np.uint8)
    image[200:300, 450:600] = 255
    canvas, placement = letterbox(image, (300, 300))
    rows, columns = np.nonzero(canvas[:200, :, 0] > 127)
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(placement.to_photo(box), [450, 200, 600, 300], atol=3)


def test_shrinking_keeps_a_hairline_visible():
    image = np.zeros((1000, 1000, 3), np.uint8)
    image[501, :] = 255
    canvas, _ = letterbox(image, (100, 100))
    assert canvas.max() >= 20  # an area average of 1 line in 10, where sampling would lose it


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_refuses_what_is_no_rgb_image(shape):
    with pytest.raises(ValueError, match="uint8 image"):
        letterbox(np.zeros(shape, np.uint8), (32, 32))


def test_a_photo_that_comes_smaller_lies_where_the_whole_one_does():
    whole = cv2.resize(np.random.default_rng(0).integers(0, 255, (15, 20, 3)).astype(np.uint8), (1600, 1200))
    half = cv2.resize(whole, (800, 600), interpolation=cv2.INTER_AREA)
    canvas, placement = letterbox(whole, (256, 320))
    canvas_of_half, placement_of_half = letterbox(half, (256, 320), (1200, 1600))
    assert placement_of_half == placement
    assert np.abs(canvas_of_half.astype(int) - canvas).max() <= 3
