"""The pictures of a report as files: each photo, the photo with its damages outlined, a cut-out for each sight.

Each photo is decoded once, and one at a time.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from crumple.assessment.draw import draw_overlay
from crumple.assessment.pipeline import PhotoSource
from crumple.case.inspection import InspectedPhoto
from crumple.case.report.content import COVER, CaseReport, PhotoSection, Sight
from crumple.colours import BLACK, WHITE
from crumple.drawing.jpeg import jpeg
from crumple.drawing.shapes import Picture
from crumple.errors import PhotoError
from crumple.photo import decode_photo

Read = Callable[[InspectedPhoto], PhotoSource]  # where a photo's file is, or its bytes. May raise PhotoError
Redact = Callable[[Picture], Picture]  # (H, W, 3) uint8 RGB -> the same shape, with plates and faces blurred

DECODED_SIDE = 3200  # pixels: enough for a cut-out of a small damage
PHOTO_SIDE, CUTOUT_SIDE, THUMBNAIL_SIDE, COVER_SIDE = 1400, 720, 220, 240
ROOM = 0.75  # round a damage, of its own longer side
LEAST = 0.12  # of the photo's longer side: a smaller cut-out does not tell where it is
SHAPE = 4 / 3  # width to height of every cut-out, so that they line up


def write_pictures(
    folder: Path,
    report: CaseReport,
    read: Read,
    *,
    redact: Redact | None = None,
    done: Callable[[InspectedPhoto], None] = lambda photo: None,
) -> None:
    """Write every picture that the report names below `folder`. done: called after each photo.

    Raises PhotoError if a photo cannot be read, or is of another shape than the one that was assessed.
    """
    (folder / "pictures").mkdir(exist_ok=True)
    cover = max(report.sections, key=lambda section: len(section.assessment.parts))
    for section in report.sections:
        rgb = _decode(section.photo, read)
        if redact is not None:
            rgb = redact(rgb)
        small = _shrunk(rgb, PHOTO_SIDE)
        _write(folder / section.picture, small, PHOTO_SIDE)
        if section.rows:
            _write(folder / section.overlay, _overlay(small, report, section), PHOTO_SIDE)
        if section is cover:
            _write(folder / COVER, small, COVER_SIDE)
        for row in report.rows:
            for sight in row.sights:
                if sight.photo == section.photo:
                    picture = cutout(rgb, sight)
                    _write(folder / sight.picture, picture, CUTOUT_SIDE)
                    if sight is row.sights[0]:
                        _write(folder / row.thumbnail, picture, THUMBNAIL_SIDE)
        done(section.photo)


def cutout(rgb: Picture, sight: Sight) -> Picture:
    """The surroundings of a damage, its place marked at four corners; (h, w, 3) uint8, 4 to 3 where the photo allows.

    rgb: the photo at any scale.
    """
    height, width = rgb.shape[:2]
    zoom = width / sight.photo.width
    left, top, right, bottom = (value * zoom for value in sight.observation.box)
    room = 2 * ROOM * max(right - left, bottom - top)
    wanted = max(right - left + room, (bottom - top + room) * SHAPE, LEAST * max(width, height))
    across = min(wanted, width)
    down = min(max(across / SHAPE, 1.3 * (bottom - top)), height)
    x = round(min(max((left + right - across) / 2, 0), width - across))
    y = round(min(max((top + bottom - down) / 2, 0), height - down))
    picture = rgb[y : y + max(1, round(down)), x : x + max(1, round(across))]
    scale = CUTOUT_SIDE / max(picture.shape[:2])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    resized = np.array(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    _corners(resized, (left - x) * scale, (top - y) * scale, (right - x) * scale, (bottom - y) * scale)
    return resized


def _corners(picture: Picture, left: float, top: float, right: float, bottom: float) -> None:
    """Mark a box by its corners, a little outside, in place."""
    height, width = picture.shape[:2]
    gap = 10
    left, top = max(left - gap, 4), max(top - gap, 4)
    right, bottom = min(right + gap, width - 5), min(bottom + gap, height - 5)
    arm = max(10.0, min(28.0, (right - left) / 3, (bottom - top) / 3))
    for colour, size in ((BLACK, 7), (WHITE, 3)):
        for x, inward in ((left, arm), (right, -arm)):
            for y, down in ((top, arm), (bottom, -arm)):
                corner = np.rint([(x + inward, y), (x, y), (x, y + down)]).astype(np.int32)
                cv2.polylines(picture, [corner], False, colour, size, cv2.LINE_AA)


def _overlay(rgb: Picture, report: CaseReport, section: PhotoSection) -> Picture:
    try:
        return draw_overlay(rgb, *report.drawn(section), plain=True)
    except ValueError as error:
        raise PhotoError(f"{section.photo.name}: {error}; inspect the photos again") from None


def _decode(photo: InspectedPhoto, read: Read) -> Picture:
    source = read(photo)
    if isinstance(source, np.ndarray):
        return _shrunk(source, DECODED_SIDE)
    return decode_photo(source, max_side=DECODED_SIDE).rgb


def _shrunk(rgb: Picture, side: int) -> Picture:
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _write(path: Path, picture: Picture, side: int) -> None:
    path.write_bytes(jpeg(picture, max_side=side, quality=82))
