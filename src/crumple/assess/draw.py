"""The overlay picture: parts as quiet fills, damage in loud outlines, every finding with a label and its number.

Sizes follow the photo's, so that a photo of 500 pixels and one of 4,000 look alike. Suspected findings are dashed.
"""

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from crumple.assess.chips import Swatch, chip, legend, paste
from crumple.assess.colours import BLACK, RGB, WHITE, damage_colour, part_colour
from crumple.assess.placement import Board, Rect

if TYPE_CHECKING:
    from crumple.assess.assessment import Assessment, Finding, Part

Picture = npt.NDArray[np.uint8]
Polygons = list[npt.NDArray[np.int32]]

PART_FILL, CONFIRMED_FILL, SUSPECTED_FILL = 0.22, 0.3, 0.14
FRACTION_BITS = 3  # OpenCV's fixed-point coordinates: outlines are placed to an eighth of a pixel


def draw_overlay(rgb: Picture, assessment: "Assessment") -> Picture:
    """Draw an assessment on its photo.

    Args:
        rgb: (H, W, 3) uint8, the photo as it was assessed (upright).
        assessment: what was found; its pixels are those of `rgb`.
    Returns:
        (H, W, 3) uint8, a new picture. Raises ValueError when the photo is of another size than the assessment's.
    """
    height, width = rgb.shape[:2]
    if (width, height) != (assessment.photo.width, assessment.photo.height):
        seen = f"{assessment.photo.width}x{assessment.photo.height}"
        raise ValueError(f"the assessment is of a photo of {seen} pixels, this one has {width}x{height}")
    picture = np.array(rgb)
    scale = math.sqrt(width * height) / 1000
    line = max(1.5, 2.4 * scale)
    for part in assessment.parts:
        fill(picture, polygons(part), part_colour(part.label), PART_FILL)
    for part in assessment.parts:
        outline(picture, polygons(part), part_colour(part.label), line * 0.6)
    # Severe findings come first in the list and are drawn last, on top.
    for finding in reversed(assessment.findings):
        draw_finding(picture, finding, line)
    draw_labels(picture, assessment, font_size=max(11, round(24 * scale)), line=line)
    return picture


def draw_finding(picture: Picture, finding: "Finding", line: float) -> None:
    """Fill and outline one damage, with a dark edge that keeps the outline visible on any lacquer."""
    confirmed = finding.verdict == "confirmed"
    colour, shapes = damage_colour(finding.damage), polygons(finding)
    fill(picture, shapes, colour, CONFIRMED_FILL if confirmed else SUSPECTED_FILL)
    outline(picture, shapes, BLACK, line * 2.0, dash=0 if confirmed else line * 5)
    outline(picture, shapes, colour, line * 1.1, dash=0 if confirmed else line * 5)


def draw_labels(picture: Picture, assessment: "Assessment", font_size: int, line: float) -> None:
    """Labels for findings, then the legend, then part names where room is left, in place."""
    height, width = picture.shape[:2]
    board = Board(width, height, gap=max(2, round(font_size * 0.3)))
    for part in assessment.parts:
        board.keep_visible(part.box, 0.15)
    for finding in assessment.findings:
        board.keep_visible(finding.box, 1.0)
    stickers: list[tuple[Image.Image, Rect]] = []
    for number, finding in enumerate(assessment.findings, start=1):
        sticker = finding_chip(number, finding, font_size, width)
        box = Rect(*(round(value) for value in finding.box))
        rect = board.place_near(sticker.size, box)
        if rect is None:
            continue  # a picture full of labels; the finding is still outlined and listed
        stickers.append((sticker, rect))
        if rect.distance(box) > 2 * board.gap:
            leader(picture, rect, interior(finding), damage_colour(finding.damage), line)
    key = legend(swatches(assessment), font_size, width)
    corner = board.place_corner(key.size)
    if corner is not None:
        stickers.append((key, corner))
    for part in assessment.parts:
        size = max(9, round(font_size * 0.78))
        sticker = chip(part.title, size, (16, 24, 40, 150), WHITE, dot=part_colour(part.label))
        rect = board.place_on(sticker.size, interior(part))
        if rect is not None:
            stickers.append((sticker, rect))
    paste(picture, stickers)


def finding_chip(number: int, finding: "Finding", font_size: int, width: int) -> Image.Image:
    """ "1 dent, moderate" on the damage's colour; a suspected finding is dark, with a question mark."""
    colour = damage_colour(finding.damage)
    if finding.verdict == "confirmed":
        return chip(f"{number}  {finding.title}, {finding.severity}", font_size, (*colour, 240), None, most=width)
    return chip(f"{number}  {finding.title}?", font_size, (24, 24, 28, 215), WHITE, edge=colour, most=width)


def swatches(assessment: "Assessment") -> list[Swatch]:
    """The legend's lines: each damage type that is shown, with how often; then what a dashed line means.

    Without findings it says that there are none, unless the photo is too bad to say so.
    """
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
    if any(finding.verdict == "suspected" for finding in assessment.findings):
        lines.append(Swatch("dashed: suspected", None))
    return lines


def polygons(thing: "Part | Finding") -> Polygons:
    """The outlines of a part or finding as fixed-point coordinates, each (P, 2) int32."""
    # A COCO polygon runs along pixel edges; OpenCV's coordinates are those of pixel centres.
    return [
        np.rint((np.asarray(flat, np.float64).reshape(-1, 2) - 0.5) * 2**FRACTION_BITS).astype(np.int32)
        for flat in thing.mask.polygons
    ]


def fill(picture: Picture, shapes: Polygons, colour: RGB, share: float) -> None:
    """Lay a colour over the inside of the shapes, in place; `share` is how much of it, 0 to 1."""
    if not shapes:
        return
    corners = np.concatenate(shapes) >> FRACTION_BITS
    left, top = np.maximum(corners.min(axis=0) - 1, 0)
    right, bottom = corners.max(axis=0) + 3
    region = picture[top:bottom, left:right]
    if region.size == 0:
        return
    inside = np.zeros(region.shape[:2], np.uint8)
    moved = [shape - (np.array([left, top], np.int32) << FRACTION_BITS) for shape in shapes]
    cv2.fillPoly(inside, moved, 1, cv2.LINE_8, FRACTION_BITS)  # the outline is drawn over the hard edge
    levels = np.arange(256, dtype=np.float32)[:, None]
    tint = np.rint(levels + (np.array(colour, np.float32) - levels) * share).astype(np.uint8)
    np.copyto(region, cv2.LUT(region, tint[:, None]), where=inside.view(bool)[..., None])


def outline(picture: Picture, shapes: Polygons, colour: RGB, thickness: float, dash: float = 0) -> None:
    """Draw the shapes' outlines, anti-aliased, in place; `dash` is the length of a dash in pixels, 0 for none."""
    size = max(1, round(thickness))
    if not dash:
        cv2.polylines(picture, shapes, True, colour, size, cv2.LINE_AA, FRACTION_BITS)
        return
    for shape in shapes:
        cv2.polylines(picture, dashes(shape, dash * 2**FRACTION_BITS), False, colour, size, cv2.LINE_AA, FRACTION_BITS)


def dashes(shape: npt.NDArray[np.int32], length: float) -> Polygons:
    """A closed outline (P, 2) cut into dashes of about `length` with gaps as long, an even number of pieces."""
    closed = np.concatenate([shape, shape[:1]]).astype(np.float64)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    count = max(2, round(along[-1] / (2 * length)))
    starts = np.arange(count) * along[-1] / count
    pieces = []
    for start in starts:
        stop = start + 0.5 * along[-1] / count
        stations = np.concatenate([[start], along[(along > start) & (along < stop)], [stop]])
        points = np.stack([np.interp(stations, along, closed[:, axis]) for axis in (0, 1)], axis=1)
        pieces.append(np.rint(points).astype(np.int32))
    return pieces


def interior(thing: "Part | Finding") -> tuple[float, float]:
    """The point of its largest piece that is farthest from the outline, (x, y) in photo pixels."""
    shapes = polygons(thing)
    if not shapes:
        return Rect(*(round(value) for value in thing.box)).centre
    shape = max(shapes, key=cv2.contourArea).astype(np.float64) / 2**FRACTION_BITS
    low, extent = shape.min(axis=0), np.ptp(shape, axis=0)
    cells = 64 / max(float(extent.max()), 1.0)
    grid = np.zeros((int(extent[1] * cells) + 3, int(extent[0] * cells) + 3), np.uint8)
    cv2.fillPoly(grid, [np.rint((shape - low) * cells + 1).astype(np.int32)], 255)
    row, column = np.unravel_index(int(cv2.distanceTransform(grid, cv2.DIST_L2, 3).argmax()), grid.shape)
    return float((column - 1) / cells + low[0]), float((row - 1) / cells + low[1])


def leader(picture: Picture, label: Rect, target: tuple[float, float], colour: RGB, line: float) -> None:
    """A line from a label that had to move to what it names, with a dot at the end, in place."""
    start = (
        round(min(max(target[0], label.left), label.right)),
        round(min(max(target[1], label.top), label.bottom)),
    )
    end = round(target[0]), round(target[1])
    for shade, size in ((BLACK, line * 1.8), (colour, line * 0.9)):
        cv2.line(picture, start, end, shade, max(1, round(size)), cv2.LINE_AA)
        cv2.circle(picture, end, max(2, round(size * 1.7)), shade, -1, cv2.LINE_AA)
