"""Photos to measure on: the small samples, and one as large as a phone takes."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from crumple.samples.scenes import painted_photos

PHONE = (4032, 3024)  # width, height: 12 megapixels
GRAIN = 5.0  # standard deviation of the sensor's noise that is added: without it the file would be half as long


def write_phone_photo(path: Path) -> Path:
    """A painted sample enlarged to 12 megapixels with grain, as a JPEG of some 3 MB."""
    still = next(photo.image for photo in painted_photos() if photo.name == "saloon_broken_lamp")
    large = cv2.resize(still, PHONE, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, GRAIN, (PHONE[1], PHONE[0], 1)).astype(np.float32)
    Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(path, quality=90)
    return path


def write_small_photo(path: Path) -> Path:
    """A painted sample as it is, 512 pixels wide."""
    still = next(photo.image for photo in painted_photos() if photo.name == "saloon_broken_lamp")
    Image.fromarray(still).save(path, quality=92)
    return path
