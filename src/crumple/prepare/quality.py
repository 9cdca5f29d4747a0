"""How bright, how burnt out and how sharp a photo is: one number each, which hardly depends on the photo's size.

All are measured on the luma of the photo at 512 pixels' longer side. What is good enough is not said here.
"""

import numpy as np
import numpy.typing as npt

BURNT = 250  # grey value from which a pixel is burnt out
NORMAL_SIDE = 512  # pixels of the longer side at which all is measured
TILE = 32  # pixels

Picture = npt.NDArray[np.uint8]


def normal_luma(rgb: Picture) -> Picture:
    """The luma (h, w) uint8 of a photo (H, W, 3) at 512 pixels' longer side. Where several measures are wanted, make it
    once: each takes it instead of the photo."""
    import cv2

    luma = rgb if rgb.ndim == 2 else np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    height, width = luma.shape
    # Averaging areas is slow unless it halves, and without it shrinking by less than half loses nothing that counts.
    while max(height, width) >= 2 * NORMAL_SIDE:
        height, width = max(1, height // 2), max(1, width // 2)
        luma = np.asarray(cv2.resize(luma[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA))
    scale = NORMAL_SIDE / max(height, width)
    if scale == 1:
        return luma
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def brightness(photo: Picture) -> float:
    """Mean luma of a photo (H, W, 3) uint8: 0 black, 255 white."""
    import cv2

    return float(cv2.mean(normal_luma(photo))[0])


def burnt_share(photo: Picture) -> float:
    """Share of a photo (H, W, 3) uint8 that is burnt out, 0 to 1."""
    luma = normal_luma(photo)
    return float(np.count_nonzero(luma >= BURNT) / luma.size)


def sharpness(photo: Picture) -> float:
    """Variance of the Laplacian in the sharpest tiles (95th percentile) of a photo (H, W, 3) uint8; 0: no edge at all.

    Over the whole photo it would call a close-up of a smooth door blurred. A single sharp edge somewhere is enough.

    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000.
    """
    import cv2

    laplacian = cv2.Laplacian(normal_luma(photo), cv2.CV_32F)
    # Of tiles of about TILE pixels; shrinking by area is taking means.
    height, width = laplacian.shape
    tiles = max(1, width // TILE), max(1, height // TILE)
    mean, squares = (
        cv2.resize(values, tiles, interpolation=cv2.INTER_AREA) for values in (laplacian, laplacian * laplacian)
    )
    return float(np.percentile(squares - mean**2, 95))
