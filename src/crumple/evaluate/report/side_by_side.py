"""One photo as a picture of two halves: what people drew, and what one model reported. (Two models: `comparison`.)

Colours are those of the overlays. Mistakes are dashed and say so: drawn objects that were missed on the left, false
alarms on the right. Everything else is in whole lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from crumple.colours import BLACK, RGB, WHITE, damage_colour, part_colour
from crumple.detect.masks import Patch
from crumple.detect.outlines import outlines
from crumple.drawing.chips import chip, paste
from crumple.drawing.placement import Board, Rect
from crumple.drawing.shapes import Picture, Shapes, fill, fixed_point, interior, leader, outline
from crumple.evaluate.judged.regions import Region
from crumple.evaluate.measures.matching import CROWD, NO_PARTNER, PhotoMatch
from crumple.taxonomy import PARTS_BRANCH, title

SIDE = 720  # pixels of a panel's longer side, at most
GAP = 8  # pixels between the panels
FONT, LINE = 15, 2.0  # pixels
RIGHT_FILL, WRONG_FILL = 0.28, 0.12
INK: RGB = (18, 20, 26)


@dataclass(frozen=True)
class _Mark:
    """One region on a panel. mistake: it is dashed."""

    shapes: Shapes
    box: tuple[float, float, float, float]
    text: str
    colour: RGB
    mistake: bool


def side_by_side(rgb: Picture, match: PhotoMatch, branch: str, size: tuple[int, int]) -> Picture:
    """The picture of one photo.

    Args:
        rgb: (H, W, 3) uint8, the photo at the size that the panels are to have.
        match: what was drawn and reported on it.
        size: width and height of the photo that the regions' pixels are those of.
    """
    colour = part_colour if branch == PARTS_BRANCH else damage_colour
    scale = rgb.shape[1] / size[0], rgb.shape[0] / size[1]

    def mark(region: Region, text: str, mistake: bool) -> _Mark:
        box = tuple(edge * factor for edge, factor in zip(region.box, scale * 2, strict=True))
        return _Mark(_shapes(region, scale), box, text, colour(region.label), mistake)  # type: ignore[arg-type]

    drawn = [
        mark(region, _drawn_text(region, bool(hit)), not hit and not region.crowd)
        for region, hit in zip(match.drawn, match.hit, strict=True)
    ]
    found = [
        mark(region, _found_text(region, int(partner)), partner == NO_PARTNER)
        for region, partner in zip(match.found, match.partner, strict=True)
    ]
    panels = (_panel(rgb, drawn, "drawn", "missed"), _panel(rgb, found, "reported", "wrong"))
    gap = np.full((panels[0].shape[0], GAP, 3), INK, np.uint8)
    return np.concatenate([panels[0], gap, panels[1]], axis=1)


def _drawn_text(region: Region, hit: bool) -> str:
    if region.crowd:
        return f"{title(region.label)}, several"
    return title(region.label) if hit else f"missed: {title(region.label)}"


def _found_text(region: Region, partner: int) -> str:
    words = f"{title(region.label)} {region.score:.2f}"
    return f"{words}, one of several" if partner == CROWD else words if partner >= 0 else f"wrong: {words}"


def _shapes(region: Region, scale: tuple[float, float]) -> Shapes:
    return fixed_point(polygon * scale for polygon in outlines(Patch.from_rle(region.rle)))


def _panel(rgb: Picture, marks: Sequence[_Mark], what: str, mistake: str) -> Picture:
    """The photo with its marks below a line that counts them."""
    picture = np.array(rgb)
    # The right ones first, so that mistakes lie on top.
    for mark in sorted(marks, key=lambda mark: mark.mistake):
        dash = LINE * 5 if mark.mistake else 0
        fill(picture, mark.shapes, mark.colour, WRONG_FILL if mark.mistake else RIGHT_FILL)
        outline(picture, mark.shapes, BLACK, LINE * 1.9, dash)
        outline(picture, mark.shapes, mark.colour, LINE, dash)
    _label(picture, marks)
    wrong = sum(mark.mistake for mark in marks)
    words = f"{what}: {len(marks) or 'nothing'}"
    if wrong:
        words += f", {wrong} {mistake} (dashed)"
    return np.concatenate([_caption(words, picture.shape[1]), picture])


def _label(picture: Picture, marks: Sequence[_Mark]) -> None:
    """A label at each mark, mistakes first while there is room, in place."""
    height, width = picture.shape[:2]
    board = Board(width, height, gap=4)
    for mark in marks:
        board.keep_visible(mark.box)
    stickers: list[tuple[Image.Image, Rect]] = []
    for mark in sorted(marks, key=lambda mark: not mark.mistake):
        if mark.mistake:
            sticker = chip(mark.text, FONT, (*INK, 215), WHITE, edge=mark.colour, most=width)
        else:
            sticker = chip(mark.text, FONT, (*mark.colour, 235), None, most=width)
        box = Rect(*(round(edge) for edge in mark.box))
        rect = board.place_near(sticker.size, box)
        if rect is None:
            continue  # a picture full of labels; the outline is still there
        stickers.append((sticker, rect))
        if rect.distance(box) > 2 * board.gap:
            leader(picture, rect, interior(mark.shapes) or box.centre, mark.colour, LINE)
    paste(picture, stickers)


def _caption(words: str, width: int) -> Picture:
    """A dark line of text, (h, width, 3)."""
    text = chip(words, FONT, (*INK, 255), WHITE, most=width)
    line = np.full((text.height + 6, width, 3), INK, np.uint8)
    if text.width <= width:
        paste(line, [(text, Rect(0, 3, text.width, 3 + text.height))])
    return line
