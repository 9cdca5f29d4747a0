"""Perceptual hashes: 64 bits that hardly change when a photo is scaled, compressed again, brightened or sharpened.

N, M = hashes compared. What two photos share is how light and dark are spread over them coarsely, not what is on them:
a small distance makes a pair worth comparing, it does not yet make it a copy.

Source: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2 (the DCT hash
of the pHash library).
"""

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 32  # pixels of the small picture that is transformed
BITS = 8  # rows and columns of coefficients that are kept

Hashes = npt.NDArray[np.uint64]


def perceptual_hash(rgb: npt.NDArray[np.uint8]) -> np.uint64:
    """The hash of a photo (H, W, 3) uint8, whatever its size and shape.

    Bit 8 r + c says whether coefficient (r + 1, c + 1) of the DCT of the 32 x 32 luma is above the median of the 64.
    """
    # Shrunk in colour first: luma is linear in the colours, and of far fewer pixels.
    small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32))
    # Without the first row and column, which say more about light and framing than about what is seen.
    kept = waves[1 : BITS + 1, 1 : BITS + 1].ravel()
    return np.packbits(kept > np.median(kept), bitorder="little").view("<u8")[0].astype(np.uint64)


def mirrored(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo (H, W, 3) uint8 with left and right swapped."""
    return np.ascontiguousarray(rgb[:, ::-1])


def distances(ones: Hashes, others: Hashes) -> npt.NDArray[np.uint8]:
    """How many of the 64 bits differ, (N, M), between hashes (N,) and (M,)."""
    return np.bitwise_count(ones[:, None] ^ others[None, :])
