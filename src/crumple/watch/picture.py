"""A frame with its findings on it, drawn fast and without labels that jump: each stays at its damage."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from crumple.assessment.assessment import Assessment, Finding
from crumple.assessment.draw import PART_FILL, draw_finding, polygons
from crumple.colours import WHITE, damage_colour, part_colour
from crumple.drawing.chips import chip, paste
from crumple.drawing.placement import Rect
from crumple.drawing.shapes import fill


def draw_frame(
    rgb: npt.NDArray[np.uint8], assessment: Assessment, tracks: Sequence[int], status: str
) -> npt.NDArray[np.uint8]:
    """A new picture (H, W, 3) uint8.

    Args:
        tracks: the number of each finding's track, 0 for none yet: such a finding is outlined, and has no label.
        status: a line for the lower left corner.
    """
    picture = np.array(rgb)
    height, width = picture.shape[:2]
    scale = np.sqrt(width * height) / 1000
    size = max(11, round(22 * scale))
    for part in assessment.parts:
        fill(picture, polygons(part), part_colour(part.label), PART_FILL)
    stickers = []
    for finding, track in reversed(list(zip(assessment.findings, tracks, strict=True))):
        draw_finding(picture, finding, max(1.5, 2.4 * scale))
        if track:
            sticker = _label(f"{track}  {finding.title}{_certainty(finding)}", size, finding.damage)
            stickers.append((sticker, _above(finding.box, sticker, width, height)))
    note = chip(status, max(9, round(size * 0.8)), (18, 20, 26, 200), WHITE, most=width)
    stickers.append((note, Rect(0, height - note.height, note.width, height)))
    paste(picture, [sticker for sticker in stickers if sticker[1].right <= width and sticker[1].top >= 0])
    return picture


def _certainty(finding: Finding) -> str:
    return f", {finding.severity}" if finding.likelihood == "likely" else "?"


@lru_cache(maxsize=256)
def _label(text: str, size: int, damage: str) -> Image.Image:
    return chip(text, size, (*damage_colour(damage), 240), None)


def _above(box: tuple[float, float, float, float], sticker: Image.Image, width: int, height: int) -> Rect:
    """Where a label goes: on top of the box, pushed into the picture."""
    left = max(0, min(round(box[0]), width - sticker.width))
    top = max(0, min(round(box[1]) - sticker.height - 4, height - sticker.height))
    return Rect(left, top, left + sticker.width, top + sticker.height)
