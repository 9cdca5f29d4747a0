"""Crops: hashes of a photo as if it had been cropped, by which a cropped copy is found.

A crop of 5 % of each side moves a perceptual hash by 12 bits or more; the hash of the same crop of the original hardly
differs from it.
"""

import cv2
import numpy as np
import numpy.typing as npt

from crumple.prepare.copies.hashes import perceptual_hashes

SIDE = 128  # pixels of the square that is cropped
# Shares cut off: left, top, right, bottom.
CROPS = (
    *((share,) * 4 for share in (0.03, 0.06, 0.09)),
    (0.08, 0.0, 0.0, 0.0),
    (0.0, 0.08, 0.0, 0.0),
    (0.0, 0.0, 0.08, 0.0),
    (0.0, 0.0, 0.0, 0.08),
)


def crop_hashes(photo: npt.NDArray[np.uint8]) -> tuple[int, ...]:
    """The perceptual hashes of the CROPS of a photo (H, W, 3) uint8, or of its luma (H, W)."""
    square = np.asarray(cv2.resize(photo, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    return tuple(map(int, perceptual_hashes([crop(square, shares) for shares in CROPS])))


def crop(photo: npt.NDArray[np.uint8], shares: tuple[float, ...]) -> npt.NDArray[np.uint8]:
    """A photo (H, W, 3) or (H, W) uint8 without these shares of it: left, top, right, bottom."""
    height, width = photo.shape[:2]
    left, top, right, bottom = shares
    rows = slice(int(height * top), height - int(height * bottom))
    return np.ascontiguousarray(photo[rows, int(width * left) : width - int(width * right)])
