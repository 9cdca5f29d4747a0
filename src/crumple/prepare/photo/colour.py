"""Colour: from a photo's own colour space to sRGB, which is what everything else takes RGB to be."""

from contextlib import suppress
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms


def to_srgb(rgb: npt.NDArray[np.uint8], profile: bytes | None) -> npt.NDArray[np.uint8]:
    """A photo (H, W, 3) uint8 in the space that an ICC profile describes -> in sRGB, by relative colorimetry.

    Without a profile, with sRGB's own, with one that is not for RGB (CMYK and grey were converted when the photo was
    decoded) or a broken one, the photo as it is.
    """
    if not profile:
        return rgb
    change = _change(profile)
    if change is None:
        return rgb
    return np.asarray(ImageCms.applyTransform(Image.fromarray(rgb), change), np.uint8)


@cache
def _change(profile: bytes) -> Any:
    """What takes pixels to sRGB; None if there is nothing to do. Phones write a handful of profiles, all kept here."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if own.profile.xcolor_space.strip() != "RGB" or "sRGB" in (own.profile.profile_description or ""):
            return None
        return ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), "RGB", "RGB", renderingIntent=1)  # type: ignore[arg-type]
    return None
