"""One scaling, flip and shift per photo, applied alike to pixels, polygons and boxes.

Coordinates are continuous pixels: pixel i covers [i, i + 1).
"""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np
import pydantic
from pydantic import Field, model_validator

from crumple.detect.letterbox import PAD_VALUE

Share = Annotated[float, Field(ge=0, le=1)]


@pydantic.dataclasses.dataclass(frozen=True, config=pydantic.ConfigDict(extra="forbid"))
class Augmentation:
    """Ranges of the random changes. The defaults change nothing but the size."""

    scale: tuple[float, float] = (1.0, 1.0)  # times the size that fits the canvas; log-uniform
    aspect: Annotated[float, Field(ge=1)] = 1.0  # x against y is stretched by up to this factor, either way
    flip: Share = 0.0  # probability
    brightness: Share = 0.0  # +- share of the full range
    contrast: Share = 0.0  # +- share
    saturation: Share = 0.0  # +- share
    hue: Annotated[float, Field(ge=0, le=180)] = 0.0  # +- degrees

    @model_validator(mode="after")
    def _ordered(self) -> "Augmentation":
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError(f"scale {list(self.scale)} must be two positive numbers, the smaller first")
        return self


@dataclass(frozen=True)
class PhotoAffine:
    """A photo of `photo` (width, height) scaled to `size` (width, height), flipped, shifted by (x, y) on the canvas."""

    photo: tuple[int, int]
    size: tuple[int, int]
    flip: bool
    shift: tuple[int, int]

    def points(self, xy: np.ndarray) -> np.ndarray:
        """(..., 2) photo pixels -> (..., 2) canvas pixels, not clipped."""
        scaled = np.asarray(xy, np.float64) * (self.size[0] / self.photo[0], self.size[1] / self.photo[1])
        if self.flip:
            scaled = np.stack([self.size[0] - scaled[..., 0], scaled[..., 1]], axis=-1)
        return scaled + self.shift

    def matrix(self) -> np.ndarray:
        """(2, 3) float64: the same map for column vectors (x, y, 1)."""
        origin, right, down = self.points(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        return np.stack([right - origin, down - origin, origin], axis=1)

    def image(self, rgb: np.ndarray, canvas: tuple[int, int]) -> np.ndarray:
        """(H, W, 3) uint8 -> canvas (height, width, 3) uint8, grey where the photo does not reach."""
        shrinks = self.size[0] < self.photo[0]
        scaled = cv2.resize(rgb, self.size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        if self.flip:
            scaled = scaled[:, ::-1]
        out = np.full((*canvas, 3), PAD_VALUE, np.uint8)
        (left, top), (width, height) = self.shift, self.size
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + width, canvas[1]), min(top + height, canvas[0])
        if x1 > x0 and y1 > y0:
            out[y0:y1, x0:x1] = scaled[y0 - top : y1 - top, x0 - left : x1 - left]
        return out


def random_affine(
    rng: np.random.Generator,
    photo: tuple[int, int],
    canvas: tuple[int, int],
    augmentation: Augmentation,
    window: tuple[int, int] | None = None,
) -> PhotoAffine:
    """Large-scale jitter (Ghiasi et al. 2021, section 3): scale about the fitting size, then crop or place at random.

    Args:
        photo: (width, height).
        canvas: (height, width) that the photo is scaled to fit.
        window: (height, width) that it is cropped to or placed on; the canvas itself if None.
    """
    height, width = canvas
    low, high = np.log(augmentation.scale)
    fit = min(width / photo[0], height / photo[1]) * np.exp(rng.uniform(low, high))
    stretch = np.exp(rng.uniform(-1, 1) * np.log(augmentation.aspect) / 2)
    size = (max(1, round(photo[0] * fit * stretch)), max(1, round(photo[1] * fit / stretch)))
    flip = bool(rng.random() < augmentation.flip)
    # The same draw serves both cases: a smaller photo is placed inside, of a larger one a window is cut.
    height, width = window or canvas
    shift = (round(rng.random() * (width - size[0])), round(rng.random() * (height - size[1])))
    return PhotoAffine(photo, size, flip, shift)


def jitter_colour(rng: np.random.Generator, rgb: np.ndarray, augmentation: Augmentation) -> np.ndarray:
    """Random brightness, contrast, saturation and hue. (H, W, 3) uint8 -> the same."""
    if not (augmentation.brightness or augmentation.contrast or augmentation.saturation or augmentation.hue):
        return rgb
    gain = 1 + rng.uniform(-1, 1) * augmentation.contrast
    offset = 255 * rng.uniform(-1, 1) * augmentation.brightness + 128 * (1 - gain)
    table = np.clip(np.arange(256) * gain + offset, 0, 255).astype(np.uint8)
    hsv = cv2.cvtColor(cv2.LUT(np.ascontiguousarray(rgb), table), cv2.COLOR_RGB2HSV)
    hue = ((np.arange(256) + round(rng.uniform(-1, 1) * augmentation.hue / 2)) % 180).astype(np.uint8)
    saturation = np.clip(np.arange(256) * (1 + rng.uniform(-1, 1) * augmentation.saturation), 0, 255).astype(np.uint8)
    tables = np.stack([hue, saturation, np.arange(256, dtype=np.uint8)], axis=-1)[None]
    return cv2.cvtColor(cv2.LUT(hsv, tables), cv2.COLOR_HSV2RGB)
