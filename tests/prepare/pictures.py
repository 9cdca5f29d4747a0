"""Made-up photos with as many corners and shapes as real ones."""

import cv2
import numpy as np


def scene(seed, size=(480, 640)):
    """Rectangles and discs, one over the other: corners everywhere."""
    rng = np.random.default_rng(seed)
    picture = np.full((*size, 3), 120, np.uint8)
    for _ in range(80):
        x, y, w, h = (int(v) for v in rng.integers((0, 0, 10, 10), (size[1], size[0], 120, 90)))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        if rng.random() < 0.7:
            cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
        else:
            cv2.circle(picture, (x, y), w // 2, colour, -1)
    return picture


def blobs(seed, size=(240, 320)):
    """Soft blobs of random colours: coarse shapes and not a corner."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC)
