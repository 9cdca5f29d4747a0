from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from crumple.dataset.affine import Augmentation, PhotoAffine, random_affine
from crumple.dataset.instances import Instance, LabelledPhoto
from crumple.dataset.targets import make_targets

CLASSES = ("left_mirror", "right_mirror", "hood")


def polygon_instance(points, label="hood", crowd=False):
    polygons = tuple(np.asarray(p, np.float64) for p in points)
    joined = np.concatenate(polygons)
    return Instance(label, polygons, None, (*joined.min(axis=0), *joined.max(axis=0)), crowd, 1)


def bitmap_instance(bitmap, label="hood"):
    rle = coco_mask.encode(np.asfortranarray(bitmap.astype(np.uint8)))
    rows, columns = np.flatnonzero(bitmap.any(1)), np.flatnonzero(bitmap.any(0))
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    return Instance(label, (), {**rle, "counts": rle["counts"].decode()}, tuple(map(float, box)), False, 1)


def photo_with(*instances, width=200, height=100):
    return LabelledPhoto(Path("x.jpg"), "x.jpg", 1, width, height, None, instances)


IDENTITY = PhotoAffine((200, 100), (200, 100), False, (0, 0))
TRIANGLE = [(20, 10), (120, 10), (20, 90)]


def paste(box, mask, canvas):
    """Mask back on its canvas, by asking each pixel centre for its cell."""
    out = np.zeros(canvas, bool)
    x0, y0, x1, y1 = box
    for y in range(canvas[0]):
        for x in range(canvas[1]):
            if x0 <= x + 0.5 < x1 and y0 <= y + 0.5 < y1:
                row = int((y + 0.5 - y0) / (y1 - y0) * mask.shape[0])
                column = int((x + 0.5 - x0) / (x1 - x0) * mask.shape[1])
                out[y, x] = mask[row, column]
    return out


def mask_iou(a, b):
    return (a & b).sum() / (a | b).sum()


def test_a_polygon_keeps_its_box_and_shape():
    photo = photo_with(polygon_instance([TRIANGLE]))
    targets = make_targets(photo, IDENTITY, (100, 200), CLASSES, 4)
    assert np.allclose(targets.boxes[0], [20, 10, 120, 90])
    assert targets.labels.tolist() == [2, -1, -1, -1]
    assert mask_iou(paste(targets.boxes[0], targets.masks[0], (100, 200)), photo.instances[0].bitmap(100, 200)) > 0.97


@pytest.mark.parametrize("seed", range(6))
def test_polygons_and_bitmaps_give_the_same_targets(seed):
    affine = random_affine(np.random.default_rng(seed), (200, 100), (128, 160), Augmentation((0.8, 1.6), 1.2, 0.5))
    shape = photo_with(polygon_instance([TRIANGLE, [(150, 40), (180, 40), (180, 80), (150, 80)]]))
    bitmap = photo_with(bitmap_instance(shape.instances[0].bitmap(100, 200)))
    one, two = (make_targets(p, affine, (128, 160), CLASSES, 2) for p in (shape, bitmap))
    assert np.allclose(one.boxes, two.boxes, atol=3)  # two cells of the 112-cell grid
    pasted = [paste(t.boxes[0], t.masks[0], (128, 160)) for t in (one, two)]
    assert mask_iou(*pasted) > 0.9


def test_overlapping_polygons_of_one_object_leave_no_hole():
    square = [(20, 20), (80, 20), (80, 80), (20, 80)]
    targets = make_targets(photo_with(polygon_instance([square, square])), IDENTITY, (100, 200), CLASSES, 1)
    assert targets.masks[0].mean() == 1


def test_a_flip_swaps_sides():
    photo = photo_with(polygon_instance([TRIANGLE], "left_mirror"))
    flipped = make_targets(photo, PhotoAffine((200, 100), (200, 100), True, (0, 0)), (100, 200), CLASSES, 1)
    assert CLASSES[flipped.labels[0]] == "right_mirror"
    assert np.allclose(flipped.boxes[0], [80, 10, 180, 90])


def test_a_clipped_objects_box_follows_what_is_left_of_its_mask():
    # Of the triangle only the lower left tip is below y = 60; its box there is narrower than the triangle's.
    shifted = PhotoAffine((200, 100), (200, 100), False, (0, -60))
    targets = make_targets(photo_with(polygon_instance([TRIANGLE])), shifted, (100, 200), CLASSES, 1)
    assert np.allclose(targets.boxes[0], [20, 0, 57.5, 30], atol=1.0)


@pytest.mark.parametrize("shift", [(-500, 0), (-118, 0), (0, -89)])
def test_what_is_hardly_visible_is_left_out(shift):
    affine = PhotoAffine((200, 100), (200, 100), False, shift)
    targets = make_targets(photo_with(polygon_instance([TRIANGLE])), affine, (100, 200), CLASSES, 1)
    assert targets.labels.tolist() == [-1]


def test_crowds_are_left_out_and_the_largest_objects_kept():
    small = polygon_instance([[(0, 0), (5, 0), (5, 5)]], "left_mirror")
    photo = photo_with(small, polygon_instance([TRIANGLE]), polygon_instance([TRIANGLE], crowd=True))
    assert make_targets(photo, IDENTITY, (100, 200), CLASSES, 3).labels.tolist() == [2, 0, -1]
    assert make_targets(photo, IDENTITY, (100, 200), CLASSES, 1).labels.tolist() == [2]
