"""Small labels and the legend as pictures of their own: rounded, anti-aliased, in Pillow's bundled font."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from crumple.colours import RGB, WHITE, ink
from crumple.drawing.placement import Rect

RGBA = tuple[int, int, int, int]
FINENESS = 3  # Pillow's shapes have hard edges: draw them this much larger and average down


@dataclass(frozen=True)
class Swatch:
    """One line of the legend: its words and its colour, if it stands for one."""

    text: str
    colour: RGB | None


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's bundled font at a size in pixels."""
    return ImageFont.load_default(size)


def chip(
    text: str,
    size: int,
    background: RGBA,
    words: RGB | None,
    *,
    dot: RGB | None = None,
    edge: RGB | None = None,
    most: int | None = None,
) -> Image.Image:
    """A label: RGBA picture of `text` at font size `size` on a rounded background.

    `words` is the colour of the text (None: black or white, whichever reads better), `dot` a coloured dot before it,
    `edge` the colour of a thin frame, `most` the greatest width in pixels: longer text is cut and ends in dots.
    """
    while most is not None and len(text) > 4 and text_width(text, size) + 2 * size > most:
        text = text[:-4].rstrip(" ,") + "..."
    large = size * FINENESS
    face = font(large)
    pad, dot_size = round(large * 0.42), round(large * 0.5) if dot else 0
    before = dot_size + round(large * 0.3) if dot else 0
    width = round(face.getlength(text)) + 2 * pad + before
    height = round(large * 1.5)
    picture = Image.new("RGBA", rounded(width, height), (*background[:3], 0))
    width, height = picture.size
    draw = ImageDraw.Draw(picture)
    frame = max(FINENESS, large // 9) if edge else 0
    draw.rounded_rectangle((0, 0, width - 1, height - 1), large * 0.36, background, edge, frame)
    if dot:
        top = (height - dot_size) // 2
        draw.ellipse((pad, top, pad + dot_size, top + dot_size), (*dot, 255))
    colour = words or ink(background[:3])
    draw.text((pad + before, height / 2), text, (*colour, 255), face, anchor="lm")
    return picture.reduce(FINENESS)


def legend(lines: list[Swatch], size: int, most: int) -> Image.Image:
    """The legend: one line per swatch on a dark panel; RGBA, not wider than `most` pixels where words allow."""
    size = max(9, round(size * 0.85))
    while size > 9 and max(text_width(line.text, size) for line in lines) + 3 * size > most:
        size -= 1
    large = size * FINENESS
    face = font(large)
    pad, step, box = round(large * 0.6), round(large * 1.45), round(large * 0.75)
    indent = box + round(large * 0.45)
    width = round(max(face.getlength(line.text) + (indent if line.colour else 0) for line in lines)) + 2 * pad
    height = step * len(lines) + pad
    picture = Image.new("RGBA", rounded(width, height), (18, 20, 26, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, picture.width - 1, picture.height - 1), large * 0.36, (18, 20, 26, 200))
    for row, line in enumerate(lines):
        middle = pad // 2 + step * row + step // 2
        if line.colour:
            shape = (pad, middle - box // 2, pad + box, middle + box // 2)
            draw.rounded_rectangle(shape, large * 0.15, (*line.colour, 255))
        draw.text((pad + (indent if line.colour else 0), middle), line.text, (*WHITE, 255), face, anchor="lm")
    return picture.reduce(FINENESS)


def paste(picture: npt.NDArray[np.uint8], stickers: Iterable[tuple[Image.Image, Rect]]) -> None:
    """Lay RGBA stickers over a picture (H, W, 3) uint8, in place; they must lie within it."""
    for sticker, rect in stickers:
        pixels = np.asarray(sticker, np.float32)
        region = picture[rect.top : rect.bottom, rect.left : rect.right]
        share = pixels[..., 3:] / 255
        region[:] = np.rint(region + (pixels[..., :3] - region) * share).astype(np.uint8)


def text_width(text: str, size: int) -> float:
    """Pixels across."""
    return font(size).getlength(text)


def rounded(width: int, height: int) -> tuple[int, int]:
    """The next multiples of FINENESS, so that averaging down leaves no uneven edge."""
    return -(-width // FINENESS) * FINENESS, -(-height // FINENESS) * FINENESS
