"""Made-up photos as files: each of its own colours, so that no two have the same bytes."""

from io import BytesIO

import numpy as np
from PIL import Image


def picture(seed: int, size: tuple[int, int] = (48, 32), kind: str = "JPEG") -> bytes:
    """A photo file of this width and height."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(coarse).resize(size).save(file, kind)
    return file.getvalue()
