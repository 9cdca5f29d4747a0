"""`Assessment.plot`: the overlay as a PIL image, from whatever form the photo comes in."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from crumple.assessment.overlay import draw_overlay
from crumple.errors import PhotoError
from crumple.photo import check_pixels, decode_photo

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment


def plot(assessment: "Assessment", photo: str | Path | bytes | npt.NDArray[np.uint8] | None) -> Image.Image:
    """Draw `assessment` on its photo. Raises PhotoError if there is no photo or it is not the one assessed."""
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
