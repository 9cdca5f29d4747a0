"""Fitting a photo into the network's canvas, and the way back.

Coordinates are continuous pixels: pixel i covers [i, i + 1), so scaling an image by s scales its coordinates by s.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PAD_VALUE = 114  # mid-grey, close to the mean of photos, so that the border is no strong edge


@dataclass(frozen=True)
class Placement:
    """Where a photo lies on its canvas: top-left aligned and scaled, with grey to the right or below.

    The two scales differ by less than a pixel's worth, because the resized photo has whole pixels.
    """

    scale_x: float
    scale_y: float
    photo_height: int
    photo_width: int

    def to_canvas(self, boxes: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Boxes (..., 4) xyxy from photo pixels to canvas pixels. The inverse of `to_photo`."""
        return np.asarray(boxes, np.float32) * self._scales()

    def to_photo(self, boxes: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Boxes (..., 4) xyxy from canvas pixels to photo pixels; not clipped. The inverse of `to_canvas`."""
        return np.asarray(boxes, np.float32) / self._scales()

    def _scales(self) -> npt.NDArray[np.float32]:
        return np.array([self.scale_x, self.scale_y, self.scale_x, self.scale_y], np.float32)


def letterbox(
    image: npt.NDArray[np.uint8], size: tuple[int, int], photo_size: tuple[int, int] | None = None
) -> tuple[npt.NDArray[np.uint8], Placement]:
    """Scale `image` (H, W, 3) uint8 to fit `size` (height, width), keeping its aspect.

    Args:
        photo_size: height and width of the photo where `image` is it at a smaller scale; None: `image` is the photo.

    Returns the canvas (height, width, 3) uint8 and the photo's placement on it. Shrinking averages areas (so that a
    thin scratch fades rather than vanishes); enlarging is bilinear.
    """
    import cv2

    height, width = photo_size or image.shape[:2]
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or height < 1 or width < 1:
        raise ValueError(f"letterbox needs an (H, W, 3) uint8 image, not {image.shape} {image.dtype}")
    canvas_height, canvas_width = size
    scale = min(canvas_height / height, canvas_width / width)
    new_height = min(canvas_height, max(1, round(height * scale)))
    new_width = min(canvas_width, max(1, round(width * scale)))
    canvas = np.full((canvas_height, canvas_width, 3), PAD_VALUE, np.uint8)
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[:new_height, :new_width] = cv2.resize(image, (new_width, new_height), interpolation=interpolation)
    return canvas, Placement(new_width / width, new_height / height, height, width)
