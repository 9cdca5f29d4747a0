"""Training targets of one photo: boxes, labels and masks cropped to their boxes.

G object slots, T mask cells per axis, C classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from crumple.dataset.affine import PhotoAffine
from crumple.dataset.instances import Instance, LabelledPhoto
from crumple.taxonomy import mirror

MASK_CELLS = 112
SUBPIXEL_BITS = 6  # cv2.fillPoly takes fixed-point coordinates
MIN_SIDE = 2.0  # canvas pixels: a thinner remnant teaches nothing
MIN_VISIBLE = 0.05  # share of an object's area that must lie on the canvas


@dataclass(frozen=True)
class Targets:
    """boxes (G, 4) float32 xyxy canvas pixels; labels (G,) int32, -1 as padding; masks (G, T, T) uint8 in {0, 1};
    undrawn (C,) bool, the classes that may be there without a label.
    """

    boxes: np.ndarray
    labels: np.ndarray
    masks: np.ndarray
    undrawn: np.ndarray


def merge_targets(targets: Sequence[Targets], shifts: Sequence[tuple[int, int]], slots: int) -> Targets:
    """Targets of views that lie side by side on one canvas, each shifted by (x, y). Past `slots` the smallest go."""
    moves = np.tile(np.asarray(shifts, np.float32), 2)
    boxes = np.concatenate([one.boxes + move for one, move in zip(targets, moves, strict=True)])
    labels, masks = (np.concatenate([getattr(one, name) for one in targets]) for name in ("labels", "masks"))
    sides = boxes[:, 2:] - boxes[:, :2]
    order = np.lexsort((-sides.prod(axis=1), labels < 0))[:slots]
    undrawn = np.any([one.undrawn for one in targets], axis=0)
    return Targets(np.where(labels[order, None] < 0, np.float32(0), boxes[order]), labels[order], masks[order], undrawn)


def empty_targets(slots: int, classes: int) -> Targets:
    """All padding: what a photo of another branch, or one without objects, has."""
    return Targets(
        np.zeros((slots, 4), np.float32),
        np.full(slots, -1, np.int32),
        np.zeros((slots, MASK_CELLS, MASK_CELLS), np.uint8),
        np.zeros(classes, bool),
    )


def _rasterise(instance: Instance, photo: LabelledPhoto, affine: PhotoAffine, box: np.ndarray) -> np.ndarray:
    """The instance's mask on a T x T grid over `box` (canvas pixels), (T, T) uint8."""
    cell = MASK_CELLS / np.maximum(box[2:] - box[:2], 1e-6)
    if instance.rle is not None:
        to_grid = affine.matrix()
        to_grid = (to_grid - [[0, 0, box[0]], [0, 0, box[1]]]) * cell[:, None]
        # Pixel centres lie at +0.5 in our coordinates and at whole numbers in OpenCV's.
        to_grid[:, 2] += to_grid[:, :2].sum(axis=1) * 0.5 - 0.5
        bitmap = instance.bitmap(photo.height, photo.width).astype(np.float32)
        return (cv2.warpAffine(bitmap, to_grid, (MASK_CELLS, MASK_CELLS)) >= 0.5).astype(np.uint8)
    grid = np.zeros((MASK_CELLS, MASK_CELLS), np.uint8)
    for polygon in instance.polygons:
        points = (affine.points(polygon) - box[:2]) * cell - 0.5
        fixed = np.round(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
        # Each polygon by itself: given together, fillPoly would punch holes where they overlap.
        cv2.fillPoly(grid, [fixed], 1, lineType=cv2.LINE_8, shift=SUBPIXEL_BITS)
    return grid


def _instance_target(
    instance: Instance, photo: LabelledPhoto, affine: PhotoAffine, canvas: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Box (4,) and mask (T, T) on the canvas, or None if too little of the object is on it."""
    corners = affine.points(np.array(instance.box).reshape(2, 2))
    whole = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    box = np.clip(whole, 0, [canvas[1], canvas[0]] * 2)
    if (box[2:] - box[:2] < MIN_SIDE).any():
        return None
    mask = _rasterise(instance, photo, affine, box)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    clipped = not np.allclose(box, whole)
    if clipped:
        on_canvas = mask.mean() * np.prod(box[2:] - box[:2])
        everything = _rasterise(instance, photo, affine, whole).mean() * np.prod(whole[2:] - whole[:2])
        if on_canvas < MIN_VISIBLE * everything:
            return None
        # What is left of a clipped object may be smaller than its clipped box: the box follows the mask.
        cell = (box[2:] - box[:2]) / MASK_CELLS
        low, high = np.array([columns[0], rows[0]]), np.array([columns[-1] + 1, rows[-1] + 1])
        box = np.concatenate([box[:2] + low * cell, box[:2] + high * cell])
        if (box[2:] - box[:2] < MIN_SIDE).any():
            return None
        mask = _rasterise(instance, photo, affine, box)
    return box, mask


def make_targets(
    photo: LabelledPhoto, affine: PhotoAffine, canvas: tuple[int, int], classes: tuple[str, ...], slots: int
) -> Targets:
    """Targets of `photo` under `affine` on a canvas of (height, width).

    Crowd regions are left out. Labels change sides with a flip. Past `slots` objects the smallest are dropped.
    """
    index = {name: number for number, name in enumerate(classes)}
    found = []
    for instance in photo.instances:
        if instance.crowd:
            continue
        target = _instance_target(instance, photo, affine, canvas)
        if target is not None:
            found.append((*target, index[mirror(instance.label) if affine.flip else instance.label]))
    found.sort(key=lambda item: -np.prod(item[0][2:] - item[0][:2]))
    targets = empty_targets(slots, len(classes))
    for name in photo.undrawn:
        targets.undrawn[index[mirror(name) if affine.flip else name]] = True
    for slot, (box, mask, label) in enumerate(found[:slots]):
        targets.boxes[slot], targets.masks[slot], targets.labels[slot] = box, mask, label
    return targets
