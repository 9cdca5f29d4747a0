"""Regions made by hand, and random photos full of them."""

import numpy as np
from pycocotools import mask as coco_mask

from crumple.evaluate.judged.regions import PhotoRegions, Region

WIDTH, HEIGHT = 100, 40
CLASSES = ("dent", "scratch", "glass_crack")


def region(box, score=1.0, label="dent", crowd=False):
    """A filled box (x0, y0, x1, y1) of whole pixels in a photo of WIDTH x HEIGHT; a number: 10 x 10 from that x on."""
    x0, y0, x1, y1 = (box, 0, box + 10, 10) if isinstance(box, int) else box
    mask = np.zeros((HEIGHT, WIDTH), np.uint8, order="F")
    mask[y0:y1, x0:x1] = 1
    return Region(label, (x0, y0, x1, y1), coco_mask.encode(mask), score, crowd)


def photo(drawn=(), found=()):
    return PhotoRegions(WIDTH, HEIGHT, tuple(drawn), tuple(found))


def random_box(rng):
    x, y = rng.integers(0, WIDTH - 8), rng.integers(0, HEIGHT - 8)
    return x, y, rng.integers(x + 6, min(x + 40, WIDTH) + 1), rng.integers(y + 6, min(y + 25, HEIGHT) + 1)


def random_photos(rng, count=15, classes=CLASSES):
    """Photos with up to 8 drawn regions, some crowds, found with jitter, misses, doubles, confusion and false alarms.

    Scores have one decimal, so that many are equal.
    """
    photos = []
    for _ in range(count):
        drawn = [
            region(random_box(rng), label=str(rng.choice(classes)), crowd=bool(rng.random() < 0.15))
            for _ in range(rng.integers(0, 9))
        ]
        found = []
        for one in drawn:
            for _ in range(rng.choice([0, 1, 1, 1, 2])):
                x0, y0, x1, y1 = np.clip(np.array(one.box) + rng.integers(-2, 3, 4), 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
                label = one.label if rng.random() < 0.8 else str(rng.choice(classes))
                found.append(region((x0, y0, x1, y1), round(float(rng.random()), 1), label))
        found += [
            region(random_box(rng), round(float(rng.random() * 0.7), 1), str(rng.choice(classes)))
            for _ in range(rng.integers(0, 5))
        ]
        photos.append(photo(drawn, found))
    return photos
