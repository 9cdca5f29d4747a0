import numpy as np
import pytest
from keras import ops

from crumple.model.roi_align import assign_levels, roi_align

pytestmark = pytest.mark.slow

STRIDES = (8, 16, 32)


def interpolation_matrix(start, length, size, bins, sampling):
    """(bins, size): each bin's weights on the cells of one axis; the other way to write RoIAlign."""
    matrix = np.zeros((bins, size))
    for bin_ in range(bins):
        for sample in range(sampling):
            point = start + (bin_ * sampling + sample + 0.5) / (bins * sampling) * length - 0.5
            point = min(max(point, 0.0), size - 1.0)
            low = int(np.floor(point))
            high = min(low + 1, size - 1)
            matrix[bin_, low] += (1 - (point - low)) / sampling
            matrix[bin_, high] += (point - low) / sampling
    return matrix


def oracle(pyramid, boxes, bins, sampling, canonical):
    levels = np.asarray(assign_levels(boxes, STRIDES, canonical))
    out = np.zeros((*boxes.shape[:2], bins, bins, pyramid[0].shape[-1]))
    for image in range(boxes.shape[0]):
        for roi in range(boxes.shape[1]):
            level = levels[image, roi]
            features = pyramid[level][image]
            x0, y0, x1, y1 = boxes[image, roi] / STRIDES[level]
            rows = interpolation_matrix(y0, y1 - y0, features.shape[0], bins, sampling)
            columns = interpolation_matrix(x0, x1 - x0, features.shape[1], bins, sampling)
            out[image, roi] = np.einsum("ph,hwc,qw->pqc", rows, features, columns)
    return out


def make_pyramid(seed=0, height=64, width=128, channels=3):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(2, height // s, width // s, channels)).astype(np.float32) for s in STRIDES]


@pytest.mark.parametrize(("bins", "sampling"), [(7, 1), (7, 2), (4, 3)])
def test_equals_the_two_matrix_form(bins, sampling):
    rng = np.random.default_rng(5)
    corner = rng.uniform(-10, 90, (2, 20, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(0, 80, (2, 20, 2))], -1).astype(np.float32)
    pyramid = make_pyramid()
    pooled = roi_align(pyramid, STRIDES, boxes, bins, sampling, 40.0)
    assert np.allclose(pooled, oracle(pyramid, boxes, bins, sampling, 40.0), atol=1e-4)


def test_a_ramp_is_read_at_the_bins_centres():
    # A level whose cells hold their own centre's x: pooling must give the bins' centres, to the pixel.
    width = 32
    ramp = np.broadcast_to((np.arange(width) + 0.5) * 8, (1, 16, width))[..., None].astype(np.float32)
    empty = [np.zeros((1, 8, 16, 1), np.float32), np.zeros((1, 4, 8, 1), np.float32)]
    pooled = roi_align([ramp, *empty], STRIDES, np.array([[[20.0, 20, 62, 48]]], np.float32), 7, 2, 1e4)
    assert np.allclose(pooled[0, 0, :, :, 0], np.broadcast_to(20 + (np.arange(7) + 0.5) * 6, (7, 7)), atol=1e-3)


@pytest.mark.parametrize(
    ("side", "level"), [(1, 0), (55, 0), (56, 0), (111, 0), (112, 1), (223, 1), (224, 2), (900, 2)]
)
def test_levels_by_size(side, level):
    box = ops.convert_to_tensor([[[0.0, 0.0, side, side]]])
    assert int(assign_levels(box, STRIDES, 112.0)[0, 0]) == level
