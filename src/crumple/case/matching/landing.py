"""How the outline of a damage lies on another photo, once that photo is aligned. P: points of an outline."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from crumple.case.matching.alignment import SIDE, Alignment, Box, Floats, move
from crumple.case.observations import Observation
from crumple.detect.outlines import outlines

POINTS = 60  # of an outline
RASTER = 2  # small pixels to a pixel of the raster in which outlines are compared
FAR = 1.5  # distances from here on are all the same: it is elsewhere


@dataclass(frozen=True)
class Landing:
    """How the outline of a finding lies on another photo beside another finding's.

    overlap: share of the smaller; iou; off: distance of the middles by the sum of their sizes (square roots of areas).
    """

    overlap: float
    iou: float
    off: float


@dataclass(frozen=True, eq=False)
class Shown:
    """A finding in the pixels of its small picture. outline: (P, 2) of its largest piece."""

    box: Box
    outline: Floats
    area: float


def shown(one: Observation, scale: float) -> Shown:
    """scale: of the small picture to the photo."""
    pieces = outlines(one.patch)
    left, top, right, bottom = one.patch.box
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    outline = pieces[0] if pieces else corners
    return Shown(
        box=(left * scale, top * scale, right * scale, bottom * scale),
        outline=_evenly(outline) * scale,
        area=max(1.0, one.patch.area * scale**2),
    )


def _evenly(corners: Floats) -> Floats:
    """Points along a closed way, equally far from each other."""
    closed = np.concatenate([corners, corners[:1]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.linspace(0, along[-1], POINTS, endpoint=False)
    return np.stack([np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])], axis=1)


def landing(one: Shown, other: Shown, map: Floats) -> Landing | None:
    """How `one` lies on the photo of `other`; None where the map takes it nowhere."""
    moved = move(one.outline, map)
    if moved is None:
        return None
    least = np.minimum(moved.min(axis=0), other.outline.min(axis=0))
    most = np.minimum(np.maximum(moved.max(axis=0), other.outline.max(axis=0)), least + 3 * SIDE)
    width, height = (np.ceil((most - least) / RASTER).astype(int) + 1).tolist()
    one_there, other_there = (_filled((points - least) / RASTER, width, height) for points in (moved, other.outline))
    shared = int((one_there & other_there).sum())
    areas = max(1, int(one_there.sum())), max(1, int(other_there.sum()))
    size = np.sqrt(cv2.contourArea(moved.astype(np.float32))) + np.sqrt(other.area)
    off = float(np.linalg.norm(moved.mean(axis=0) - other.outline.mean(axis=0)) / max(size, 1.0))
    return Landing(shared / min(areas), shared / (sum(areas) - shared), off)


def _filled(points: Floats, width: int, height: int) -> npt.NDArray[np.uint8]:
    raster = np.zeros((height, width), np.uint8)
    cv2.fillPoly(raster, [np.round(points).astype(np.int32)], [1])
    return raster


def aligned(one: Shown, other: Shown, alignment: Alignment | None, least: int) -> tuple[float, ...]:
    """What an alignment says of two findings: how much agrees, how much of that for it, overlap, and against it.

    All 0 without one. least: the fewest keypoints that such an alignment has.
    """
    if alignment is None:
        return 0.0, 0.0, 0.0, 0.0
    there = landing(one, other, alignment.map)
    back = landing(other, one, np.asarray(np.linalg.inv(alignment.map), np.float64))
    both = [way for way in (there, back) if way is not None]
    strength = float(np.log1p(alignment.count - least + 1))
    overlap = max((way.overlap for way in both), default=0.0)
    iou = max((way.iou for way in both), default=0.0)
    off = min((min(way.off, FAR) for way in both), default=FAR)
    return strength, strength * overlap, iou, strength * off
