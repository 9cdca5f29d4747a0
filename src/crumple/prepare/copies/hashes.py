"""Perceptual hashes: 64 bits that hardly change when a photo is scaled, compressed again, brightened or sharpened.

N, M = hashes compared. What two photos share is how light and dark are spread over them coarsely, not what is on them:
a small distance makes a pair worth comparing, it does not yet make it a copy.

Source: Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2 (the DCT hash
of the pHash library).
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 32  # pixels of the small picture that is transformed
BITS = 8  # rows and columns of coefficients that are kept

Picture = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]


def perceptual_hash(photo: Picture) -> np.uint64:
    """The hash of a photo (H, W, 3) uint8, or of its luma (H, W), whatever its size and shape.

    Bit 8 r + c says whether coefficient (r + 1, c + 1) of the DCT of the 32 x 32 luma is above the median of the 64.
    """
    return perceptual_hashes([photo])[0]


def perceptual_hashes(photos: Sequence[Picture]) -> Hashes:
    """The hashes (N,) of N photos, as `perceptual_hash` gives them, in less time."""
    waves = np.stack([_waves(photo) for photo in photos])
    above = waves > np.median(waves, axis=1, keepdims=True)
    return np.packbits(above, axis=1, bitorder="little").view("<u8")[:, 0].astype(np.uint64)


def _waves(photo: Picture) -> npt.NDArray[np.float32]:
    """(64,): the coefficients that are compared."""
    # Shrunk in colour first: luma is linear in the colours, and of far fewer pixels.
    small = cv2.resize(photo, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    luma = small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    # Without the first row and column, which say more about light and framing than about what is seen.
    return np.asarray(cv2.dct(luma.astype(np.float32))[1 : BITS + 1, 1 : BITS + 1], np.float32).ravel()


def mirrored(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The photo (H, W, 3) uint8 with left and right swapped."""
    return np.ascontiguousarray(rgb[:, ::-1])


def distances(ones: Hashes, others: Hashes) -> npt.NDArray[np.uint8]:
    """How many of the 64 bits differ, (N, M), between hashes (N,) and (M,)."""
    return np.bitwise_count(ones[:, None] ^ others[None, :])
