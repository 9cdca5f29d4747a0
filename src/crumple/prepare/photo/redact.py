"""Faces and number plates, found and made unrecognisable. What is not found stays: docs/prepare.md has the recall.

H, W = pixels of the photo; a box is left, top, right, bottom in its pixels.

Faces: a cascade of local binary patterns that scikit-image carries, for faces seen from the front. Source: Liao et al.,
"Learning multi-scale block local binary patterns for face recognition", ICB 2007.

Plates: rows of at least LEAST_CHARACTERS shapes of a character's proportions, alike in height, on one line and close
together, dark on light or light on dark. Other rows of characters, such as a dealer's sticker, are hidden with them.
"""

from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]

CELLS = 4  # averages that are left along the longer side of what is hidden
FACE_SIDE = 640  # pixels of the longer side at which faces are looked for
LEAST_FACE = 24  # pixels there; the cascade knows no smaller ones
FACE_PADDING = 0.15  # of the box, on each side: the cascade's box ends at chin and brow
PLATE_SIDE = 1024  # pixels of the longer side at which characters are looked for
CHARACTER = 8, 80  # least and most pixels of its height there
LEAST_CHARACTERS = 4


def redact(rgb: Picture) -> tuple[Picture, int]:
    """A photo (H, W, 3) uint8 with its faces and plates hidden, and how many were; the rest is not touched."""
    boxes = [*find_faces(rgb), *find_plates(rgb)]
    hidden = rgb.copy()
    for box in boxes:
        _hide(hidden, box)
    return hidden, len(boxes)


def find_faces(rgb: Picture) -> list[Box]:
    """Boxes around faces seen from the front. Raises ImportError without scikit-image."""
    small, scale = _shrunk(rgb, FACE_SIDE)
    found = _cascade().detect_multi_scale(
        img=cv2.cvtColor(small, cv2.COLOR_RGB2GRAY),
        scale_factor=1.2,
        step_ratio=1,
        min_size=(LEAST_FACE, LEAST_FACE),
        max_size=(min(small.shape[:2]), min(small.shape[:2])),
    )
    boxes = [(one["c"], one["r"], one["c"] + one["width"], one["r"] + one["height"]) for one in found]
    return [_padded(box, FACE_PADDING, FACE_PADDING, scale, rgb) for box in boxes]


def find_plates(rgb: Picture) -> list[Box]:
    """Boxes around rows of characters."""
    small, scale = _shrunk(rgb, PLATE_SIDE)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    rows = [row for light in (False, True) for row in _rows(_characters(grey, light))]
    return [_padded(box, 0.12, 0.4, scale, rgb) for box in rows]


def _characters(grey: npt.NDArray[Any], light: bool) -> npt.NDArray[np.float64]:
    """(N, 4) boxes of connected shapes with a character's proportions, by their left edges."""
    kind = cv2.THRESH_BINARY if light else cv2.THRESH_BINARY_INV
    shapes = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, kind, 31, -12 if light else 12)
    _, _, stats, _ = cv2.connectedComponentsWithStats(shapes, connectivity=4)
    left, top, width, height, area = stats[1:].T.astype(float)
    filled = area / (width * height)
    good = (height >= CHARACTER[0]) & (height <= CHARACTER[1]) & (width >= 0.12 * height) & (width <= 1.1 * height)
    good &= (filled > 0.2) & (filled < 0.95)
    boxes = np.stack([left, top, left + width, top + height], axis=1)[good]
    return boxes[np.argsort(boxes[:, 0], kind="stable")]


def _rows(characters: npt.NDArray[np.float64]) -> list[tuple[float, float, float, float]]:
    """Boxes around rows of characters, each character followed by the nearest that goes with it."""
    following = [_next(characters, i) for i in range(len(characters))]
    started = set(range(len(characters))) - set(following)
    rows = []
    for first in sorted(started):
        row = [first]
        while following[row[-1]] >= 0:
            row.append(following[row[-1]])
        if len(row) >= LEAST_CHARACTERS and len({*characters[row, 0]}) == len(row):
            boxes = characters[row]
            rows.append((*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)))
    return rows


def _next(characters: npt.NDArray[np.float64], i: int) -> int:
    """The nearest character to the right that is alike in height and on the same line; -1: none."""
    left, top, right, bottom = characters[i]
    height = bottom - top
    others = characters[i + 1 :]
    tall = others[:, 3] - others[:, 1]
    alike = (tall > 0.75 * height) & (tall < 1.33 * height)
    step = others[:, 0] - right  # the gap; a tilted plate climbs with it
    near = (step > -0.2 * height) & (step < 1.2 * height) & (others[:, 0] > left)
    near &= np.abs(others[:, 3] - bottom) < 0.15 * height + 0.35 * np.maximum(others[:, 0] - left, 0)
    found = np.flatnonzero(alike & near)
    return i + 1 + int(found[0]) if len(found) else -1


def _shrunk(rgb: Picture, side: int) -> tuple[Picture, float]:
    """The photo with at most `side` pixels on its longer side, and what a pixel there is in pixels here."""
    height, width = rgb.shape[:2]
    scale = max(height, width) / side
    if scale <= 1:
        return rgb, 1.0
    size = max(1, round(width / scale)), max(1, round(height / scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _padded(box: tuple[float, float, float, float], x: float, y: float, scale: float, rgb: Picture) -> Box:
    """A box with these shares of its width and height added on each side, in the photo's pixels, within it."""
    left, top, right, bottom = box
    more_x, more_y = x * (right - left), y * (bottom - top)
    height, width = rgb.shape[:2]
    return (
        max(0, int((left - more_x) * scale)),
        max(0, int((top - more_y) * scale)),
        min(width, int((right + more_x) * scale) + 1),
        min(height, int((bottom + more_y) * scale) + 1),
    )


def _hide(rgb: Picture, box: Box) -> None:
    """Leave a few averages of what is in the box: no filter brings back what they do not hold."""
    left, top, right, bottom = box
    region = rgb[top:bottom, left:right]
    height, width = region.shape[:2]
    scale = CELLS / max(height, width)
    cells = cv2.resize(
        region, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    region[:] = cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR)


@cache
def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())
