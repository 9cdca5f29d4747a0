"""How bright, how burnt out and how sharp a photo is: one number each, which hardly depends on the photo's size.

All are measured on the luma of the photo at 512 pixels' longer side. What is good enough is not said here.
"""

import numpy as np
import numpy.typing as npt

BURNT = 250  # grey value from which a pixel is burnt out
NORMAL_SIDE = 512  # pixels of the longer side at which all is measured
TILE = 32  # pixels

Picture = npt.NDArray[np.uint8]


def normal_size(rgb: Picture) -> Picture:
    """The photo (H, W, 3) uint8 at 512 pixels' longer side. Where several measures are wanted, shrink it once."""
    import cv2

    height, width = rgb.shape[:2]
    scale = NORMAL_SIDE / max(height, width)
    if scale == 1:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8)


def brightness(rgb: Picture) -> float:
    """Mean luma of a photo (H, W, 3) uint8: 0 black, 255 white."""
    return float(_luma(rgb).mean())


def burnt_share(rgb: Picture) -> float:
    """Share of a photo (H, W, 3) uint8 that is burnt out, 0 to 1."""
    return float((_luma(rgb) >= BURNT).mean())


def sharpness(rgb: Picture) -> float:
    """Variance of the Laplacian in the sharpest tiles (95th percentile) of a photo (H, W, 3) uint8; 0: no edge at all.

    Over the whole photo it would call a close-up of a smooth door blurred. A single sharp edge somewhere is enough.

    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000.
    """
    import cv2

    laplacian = cv2.Laplacian(_luma(rgb), cv2.CV_32F)
    rows, columns = (max(1, length // TILE) for length in laplacian.shape)
    tiles = [tile.var() for band in np.array_split(laplacian, rows) for tile in np.array_split(band, columns, axis=1)]
    return float(np.percentile(tiles, 95))


def _luma(rgb: Picture) -> Picture:
    import cv2

    return np.asarray(cv2.cvtColor(normal_size(rgb), cv2.COLOR_RGB2GRAY), np.uint8)
