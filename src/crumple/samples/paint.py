"""Paints damage onto a photo of an undamaged car, with the exact mask of what was painted.

Every painter works on float32 RGB (H, W, 3) in [0, 255] and returns a new image and a bool mask (H, W). The masks
follow the habit of the training labels: a hull around a scratch's strokes, the whole dent, the whole lamp.
"""

from collections.abc import Iterable
from typing import Protocol

import cv2
import numpy as np

Point = tuple[float, float]
SUPERSAMPLING = 4  # strokes thinner than a pixel are drawn this much larger, then averaged down


class Damage(Protocol):
    """One damage to paint: a type from the taxonomy, and how to paint it."""

    @property
    def label(self) -> str: ...

    def paint(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(H, W, 3) float32 -> (the painted image, bool mask (H, W)). Deterministic."""
        ...


def paint(rgb: np.ndarray, damages: Iterable[Damage]) -> tuple[np.ndarray, list[tuple[str, np.ndarray]]]:
    """Paint damages onto a photo, in order.

    Args:
        rgb: (H, W, 3) uint8.
    Returns:
        The painted photo, (H, W, 3) uint8, and for each damage its label and its bool mask (H, W).
    """
    image = rgb.astype(np.float32)
    truth = []
    for damage in damages:
        image, mask = damage.paint(image)
        truth.append((damage.label, mask))
    return np.clip(np.rint(image), 0, 255).astype(np.uint8), truth


def fill_polygon(outline: Iterable[Point], shape: tuple[int, ...], soften: float = 0.0) -> np.ndarray:
    """Coverage (H, W) float32 in [0, 1] of a polygon in photo pixels, anti-aliased; `soften` is a blur in pixels."""
    height, width = shape[:2]
    points = np.rint((np.asarray(list(outline), np.float64) + 0.5) * SUPERSAMPLING - 0.5).astype(np.int32)
    large = np.zeros((height * SUPERSAMPLING, width * SUPERSAMPLING), np.uint8)
    cv2.fillPoly(large, [points], 255)
    coverage = shrink(large.astype(np.float32) / 255)
    return cv2.GaussianBlur(coverage, (0, 0), soften) if soften else coverage


def shrink(large: np.ndarray) -> np.ndarray:
    """The mean over SUPERSAMPLING x SUPERSAMPLING blocks."""
    height, width = large.shape[0] // SUPERSAMPLING, large.shape[1] // SUPERSAMPLING
    return cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)


def grain(image: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise (H, W, 1) as strong and as soft as that of the photo around the mask.

    What is painted has no noise of its own, and a clean patch in a grainy photo gives a painting away.
    """
    around = cv2.dilate(mask.astype(np.uint8), np.ones((25, 25), np.uint8)).astype(bool) & ~mask
    luminance = image.mean(axis=2)
    residual = luminance - cv2.GaussianBlur(luminance, (0, 0), 1.5)
    # the median ignores edges; 1.48 makes it a standard deviation
    strength = 1.48 * float(np.median(np.abs(residual[around]))) if around.any() else 1.0
    noise = cv2.GaussianBlur(rng.standard_normal(mask.shape).astype(np.float32), (0, 0), 0.7)
    return (noise / noise.std() * min(strength, 6.0))[..., None]


def blend(image: np.ndarray, paint_colour: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Lay a colour, (3,) or (H, W, 3), over the image where `coverage` (H, W) says how much."""
    return image + (paint_colour - image) * coverage[..., None]
