"""`Assessment.plot`: the overlay as a PIL image, from whatever form the photo comes in."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from crumple.assess.assessment import Assessment
from crumple.errors import PhotoError
from crumple.photo import check_pixels, decode_photo


def plot(assessment: Assessment, photo: str | Path | bytes | npt.NDArray[np.uint8] | None) -> Image.Image:
    """Draw `assessment` on its photo. Raises PhotoError if there is no photo or it is not the one assessed."""
    from crumple.assess.draw import draw_overlay

    info = assessment.photo
    if photo is None:
        raise PhotoError(f"{info.name}: an assessment read from JSON has no pixels: give its photo, plot(photo=...)")
    rgb = photo if isinstance(photo, np.ndarray) else decode_photo(photo).rgb
    check_pixels(rgb)
    if rgb.shape != (info.height, info.width, 3):
        raise PhotoError(
            f"{info.name}: was assessed at {info.width}x{info.height} pixels, the photo given is "
            f"{'x'.join(str(length) for length in rgb.shape[1::-1])}: give the same one"
        )
    return Image.fromarray(draw_overlay(rgb, assessment))
