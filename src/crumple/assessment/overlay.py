"""The overlay picture: parts as quiet fills, damage in loud outlines, every finding with a label and its number.

Sizes follow the photo's, so that a photo of 500 pixels and one of 4,000 look alike. What is not likely is dashed.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from crumple.assessment.likelihood import SUREST_FIRST
from crumple.colours import BLACK, RGB, WHITE, damage_colour, part_colour
from crumple.drawing.chips import Swatch, chip, legend, paste
from crumple.drawing.placement import Board, Rect
from crumple.drawing.shapes import Picture, Shapes, fill, fixed_point, interior, leader, outline

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment, Finding, FoundObject, Part

PART_FILL, LIKELY_FILL, UNSURE_FILL = 0.22, 0.3, 0.14


def draw_overlay(
    rgb: Picture, assessment: "Assessment", numbers: Sequence[int] | None = None, *, plain: bool = False
) -> Picture:
    """Draw an assessment on its photo.

    Args:
        rgb: (H, W, 3) uint8, the photo that was assessed (upright), at any scale.
        assessment: what was found.
        numbers: of the findings, as their labels show them; None: 1, 2, 3 ...
        plain: the findings' outlines and labels alone, so that the damage can be seen: no fill, no parts, no legend.
    Returns:
        (H, W, 3) uint8, a new picture. Raises ValueError when the photo is of another shape than the assessment's.
    """
    height, width = rgb.shape[:2]
    zoom = width / assessment.photo.width
    if abs(assessment.photo.height * zoom - height) > 1:
        seen = f"{assessment.photo.width}x{assessment.photo.height}"
        raise ValueError(f"the assessment is of a photo of {seen} pixels, this one has {width}x{height}")
    picture = np.array(rgb)
    scale = math.sqrt(width * height) / 1000
    line = max(1.5, 2.4 * scale)
    parts = () if plain else assessment.parts
    for part in parts:
        fill(picture, polygons(part, zoom), part_colour(part.label), PART_FILL)
    for part in parts:
        outline(picture, polygons(part, zoom), part_colour(part.label), line * 0.6)
    for one in () if plain else assessment.objects:
        outline(picture, polygons(one, zoom), BLACK, line * 1.4)
        outline(picture, polygons(one, zoom), damage_colour(one.label), line * 0.8)
    # Severe findings come first in the list and are drawn last, on top.
    for finding in reversed(assessment.findings):
        draw_finding(picture, finding, line, zoom, filled=not plain)
    numbers = numbers or range(1, len(assessment.findings) + 1)
    draw_labels(picture, assessment, numbers, max(11, round(24 * scale)), line, zoom, plain=plain)
    return picture


def draw_finding(picture: Picture, finding: "Finding", line: float, zoom: float = 1.0, *, filled: bool = True) -> None:
    """Outline one damage, with a dark edge that keeps the outline visible on any lacquer; fill it if asked to."""
    likely = finding.likelihood == "likely"
    colour, shapes = damage_colour(finding.damage), polygons(finding, zoom)
    if filled:
        fill(picture, shapes, colour, LIKELY_FILL if likely else UNSURE_FILL)
    outline(picture, shapes, BLACK, line * 2.0, dash=0 if likely else line * 5)
    outline(picture, shapes, colour, line * 1.1, dash=0 if likely else line * 5)


def draw_labels(
    picture: Picture,
    assessment: "Assessment",
    numbers: Sequence[int],
    font_size: int,
    line: float,
    zoom: float,
    *,
    plain: bool,
) -> None:
    """Labels for findings; unless plain, then the legend, then part names where room is left, in place."""
    height, width = picture.shape[:2]
    board = Board(width, height, gap=max(2, round(font_size * 0.3)))
    parts = () if plain else assessment.parts
    for part in parts:
        board.keep_visible(zoomed(part, zoom), 0.15)
    for finding in assessment.findings:
        board.keep_visible(zoomed(finding, zoom), 1.0)
    stickers: list[tuple[Image.Image, Rect]] = []
    for number, finding in zip(numbers, assessment.findings, strict=True):
        sticker = finding_chip(number, finding, font_size, width)
        box = Rect(*(round(value) for value in zoomed(finding, zoom)))
        rect = board.place_near(sticker.size, box)
        if rect is None:
            continue  # a picture full of labels; the finding is still outlined and listed
        stickers.append((sticker, rect))
        if rect.distance(box) > 2 * board.gap:
            leader(picture, rect, middle(finding, zoom), damage_colour(finding.damage), line)
    if not plain and (lines := swatches(assessment)):
        key = legend(lines, font_size, width)
        corner = board.place_corner(key.size)
        if corner is not None:
            stickers.append((key, corner))
    named: list[tuple[Part | FoundObject, RGB]] = [(part, part_colour(part.label)) for part in parts]
    if not plain:
        named = [*((one, damage_colour(one.label)) for one in assessment.objects), *named]
    for thing, dot in named:
        size = max(9, round(font_size * 0.78))
        sticker = chip(thing.title, size, (16, 24, 40, 150), WHITE, dot=dot)
        rect = board.place_on(sticker.size, middle(thing, zoom))
        if rect is not None:
            stickers.append((sticker, rect))
    paste(picture, stickers)


def finding_chip(number: int, finding: "Finding", font_size: int, width: int) -> Image.Image:
    """What it is on the damage's colour; one that is not likely is dark."""
    colour, words = damage_colour(finding.damage), chip_words(number, finding)
    if finding.likelihood == "likely":
        return chip(words, font_size, (*colour, 240), None, most=width)
    return chip(words, font_size, (24, 24, 28, 215), WHITE, edge=colour, most=width)


def chip_words(number: int, finding: "Finding") -> str:
    """ "1  dent, moderate", "1  dent" where the severity is unclear, "1  dent?" where the damage is not likely."""
    if finding.likelihood != "likely":
        return f"{number}  {finding.title}?"
    return f"{number}  {finding.title}" + ("" if finding.severity == "unclear" else f", {finding.severity}")


def swatches(assessment: "Assessment") -> list[Swatch]:
    """The legend's lines: each damage type that is shown, with how often; then what a dashed line means.

    Without findings it says that there are none, unless the photo is too bad to say so or nobody looked.
    """
    if not assessment.looked_for_damage and not assessment.findings:
        return []
    if not assessment.findings:
        return [Swatch("hard to judge" if assessment.warnings else "no damage found", None)]
    counts: dict[str, int] = {}
    for finding in assessment.findings:
        counts[finding.damage] = counts.get(finding.damage, 0) + 1
    titles = {finding.damage: finding.title for finding in assessment.findings}
    lines = [
        Swatch(titles[label] + (f" x {count}" if count > 1 else ""), damage_colour(label))
        for label, count in counts.items()
    ]
    unsure = {finding.likelihood for finding in assessment.findings} - {"likely"}
    if unsure:
        lines.append(Swatch(f"dashed: {' or '.join(word for word in SUREST_FIRST if word in unsure)}", None))
    return lines


def polygons(thing: "Part | Finding | FoundObject", zoom: float = 1.0) -> Shapes:
    """The outlines of a part, finding or object."""
    return fixed_point(np.asarray(polygon, np.float64) * zoom for polygon in thing.mask.polygons)


def zoomed(thing: "Part | Finding | FoundObject", zoom: float) -> tuple[float, float, float, float]:
    """The box of a part, finding or object in pixels of the picture."""
    left, top, right, bottom = thing.box
    return left * zoom, top * zoom, right * zoom, bottom * zoom


def middle(thing: "Part | Finding | FoundObject", zoom: float = 1.0) -> tuple[float, float]:
    """A point well inside a part, finding or object, (x, y) in pixels of the picture."""
    return interior(polygons(thing, zoom)) or Rect(*(round(value) for value in zoomed(thing, zoom))).centre
