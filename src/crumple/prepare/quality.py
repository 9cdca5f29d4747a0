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
    # Averaging areas is slow unless it halves, and without it shrinking by less than half loses nothing that counts.
    while max(height, width) >= 2 * NORMAL_SIDE:
        height, width = max(1, height // 2), max(1, width // 2)
        rgb = np.asarray(cv2.resize(rgb[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA))
    scale = NORMAL_SIDE / max(height, width)
    if scale == 1:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_LINEAR), np.uint8)


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
    rows, columns = (_edges(length) for length in laplacian.shape)
    # Sums over tiles from sums over all above and left of their corners; whole numbers, so exact in 64 bits.
    total, squares = (
        np.diff(np.diff(sums[np.ix_(rows, columns)], axis=0), axis=1) for sums in cv2.integral2(laplacian)
    )
    area = np.outer(np.diff(rows), np.diff(columns))
    return float(np.percentile(squares / area - (total / area) ** 2, 95))


def _edges(length: int) -> npt.NDArray[np.int64]:
    """Where tiles of about TILE pixels begin and end."""
    count = max(1, length // TILE)
    return np.arange(count + 1) * length // count


def _luma(rgb: Picture) -> Picture:
    import cv2

    return np.asarray(cv2.cvtColor(normal_size(rgb), cv2.COLOR_RGB2GRAY), np.uint8)
