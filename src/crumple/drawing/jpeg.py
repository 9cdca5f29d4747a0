"""Pictures as JPEG files, for reports."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image


def jpeg(picture: npt.NDArray[np.uint8] | Image.Image, *, max_side: int = 1600, quality: int = 85) -> bytes:
    """An RGB picture, (H, W, 3) uint8 or Pillow's, as a JPEG file whose longer side has at most `max_side` pixels."""
    small = Image.fromarray(np.asarray(picture))
    small.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    data = BytesIO()
    small.save(data, "JPEG", quality=quality, optimize=True)
    return data.getvalue()
