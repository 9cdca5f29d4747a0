"""A picture of one item of the review list: the place on the photo, what is drawn there, and what the model sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from crumple.colours import BLACK, RGB, WHITE, damage_colour, part_colour
from crumple.detect.masks import Patch
from crumple.detect.outlines import outlines
from crumple.drawing.chips import chip, paste
from crumple.drawing.placement import Board, Rect
from crumple.drawing.shapes import Picture, Shapes, fill, fixed_point, outline
from crumple.label.annotations import LabelledObject
from crumple.label.review import ReviewItem
from crumple.label.shapes import Shape
from crumple.taxonomy import PARTS, title

SIDE = 420  # pixels of a picture's longer side
LEAST = 120  # photo pixels that it shows at least, for one sees nothing without what is around
AROUND = 0.6  # of the place's longer side, shown on each side of it
LINE, FONT = 2.0, 13
INK: RGB = (18, 20, 26)


@dataclass(frozen=True)
class _View:
    """The part of the photo that is shown, in photo pixels, and how much it is enlarged."""

    left: int
    top: int
    right: int
    bottom: int
    scale: float

    def shapes(self, shape: Shape) -> Shapes:
        polygons = shape.polygons or tuple(outlines(Patch.from_rle(shape.runs or {})))
        return fixed_point([(points - (self.left, self.top)) * self.scale for points in polygons])

    def rect(self, box: tuple[float, float, float, float]) -> Rect:
        origin = (self.left, self.top) * 2
        return Rect(*(round((edge - start) * self.scale) for edge, start in zip(box, origin, strict=True)))


def picture(rgb: Picture, item: ReviewItem, objects: Mapping[int, LabelledObject], around: Sequence[int]) -> Picture:
    """The picture of one item.

    Args:
        rgb: (H, W, 3) uint8, the photo.
        objects: by annotation id.
        around: ids of everything drawn on the photo, for thin lines.
    """
    view = _view(item, rgb.shape[0], rgb.shape[1])
    crop = rgb[view.top : view.bottom, view.left : view.right]
    size = max(1, round(crop.shape[1] * view.scale)), max(1, round(crop.shape[0] * view.scale))
    enlarged = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if view.scale < 1 else cv2.INTER_CUBIC)
    shown = np.asarray(enlarged, np.uint8)
    for number in around:
        if number not in item.annotation_ids:
            outline(shown, view.shapes(objects[number].shape), WHITE, 1)
    board, stickers = Board(size[0], size[1], gap=3), []
    marks = [(objects[number].shape, objects[number].label, False) for number in item.annotation_ids]
    if item.suggestion:
        marks.append((Shape(runs=item.suggestion.segmentation), item.suggestion.label, True))
    for shape, label, found in marks:
        colour, shapes = _colour(label), view.shapes(shape)
        dash = LINE * 4 if found else 0
        if not found:
            fill(shown, shapes, colour, 0.12)
        outline(shown, shapes, BLACK, LINE * 1.9, dash)
        outline(shown, shapes, colour, LINE, dash)
        words = f"model: {title(label)} {item.suggestion.score:.2f}" if found and item.suggestion else title(label)
        stickers.append((_sticker(words, colour, found, size[0]), view.rect(shape.box)))
    placed = [(sticker, board.place_near(sticker.size, rect)) for sticker, rect in stickers]
    paste(shown, [(sticker, rect) for sticker, rect in placed if rect])
    return shown


def _sticker(words: str, colour: RGB, found: bool, width: int) -> Image.Image:
    if found:
        return chip(words, FONT, (*INK, 225), WHITE, edge=colour, most=width)
    return chip(words, FONT, (*colour, 235), None, most=width)


def _colour(label: str) -> RGB:
    return part_colour(label) if label in PARTS else damage_colour(label)


def _view(item: ReviewItem, height: int, width: int) -> _View:
    if item.box is None:
        return _View(0, 0, width, height, SIDE / max(width, height))
    # A box may lie off the photo; the nearest piece of photo is shown then.
    low, high = np.clip(item.box[:2], 0, (width, height)), np.clip(item.box[2:], 0, (width, height))
    side = max(float((high - low).max()) * (1 + 2 * AROUND), LEAST)
    middle = (low + high) / 2
    left, top = (int(max(0, min(m - side / 2, whole - side))) for m, whole in zip(middle, (width, height), strict=True))
    right, bottom = min(width, int(left + side)), min(height, int(top + side))
    return _View(left, top, right, bottom, SIDE / max(right - left, bottom - top))
