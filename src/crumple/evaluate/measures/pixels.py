"""Pixel IoU per class: how well the found area covers the drawn one, however it is cut into objects.

N photos, K classes, S resamples. Damage is drawn incompletely and its outlines are a matter of taste; three scratches
found as one lose all AP and hardly any pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.judged.regions import PhotoRegions, Region, reported
from crumple.evaluate.measures.bootstrap import ratio

ANY = "any"  # all classes of the branch as one

_RLE = dict[str, Any]


@dataclass(frozen=True, eq=False)
class PixelCounts:
    """Pixels of each photo, for every class and, in the last column, for all of them as one.

    names: the K classes and "any". intersection, union, drawn: (N, K + 1) int64, pixels that are drawn and found, drawn
    or found, drawn.
    """

    names: tuple[str, ...]
    intersection: np.ndarray
    union: np.ndarray
    drawn: np.ndarray

    def iou(self, weights: np.ndarray) -> np.ndarray:
        """(S, K + 1) pixel IoU on every resample of the photos, (S, N) weights, see `bootstrap.resamples`.

        NaN where no pixel is drawn: then there is nothing to cover, and what is found there the false alarms count.
        """
        shared, either, drawn = (weights @ counts for counts in (self.intersection, self.union, self.drawn))
        return np.where(drawn > 0, ratio(shared, either), np.nan)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassPixels(_Record):
    """One class: pixels over all photos, and their IoU (0 to 1); None where none is drawn."""

    name: str
    iou: float | None
    intersection: int
    union: int
    drawn: int


class PixelReport(_Record):
    """Pixel IoU of one branch at an operating point.

    mean_iou: over the classes that are drawn. anything: all classes as one, "any damage" or "any part".
    """

    photos: int
    mean_iou: float | None
    anything: ClassPixels
    classes: tuple[ClassPixels, ...]


def count_pixels(photos: Sequence[PhotoRegions], classes: Sequence[str], lowest: Mapping[str, float]) -> PixelCounts:
    """Compare, class by class, the union of all drawn masks of a photo with the union of all found ones.

    Pixels of a crowd of the class count neither way: they are taken out of both sides.

    Args:
        lowest: by label, the lowest score that counts; a label that is missing has 0.
    """
    names = (*classes, ANY)
    counts = np.zeros((3, len(photos), len(names)), np.int64)
    for n, photo in enumerate(photos):
        found = reported(photo.found, lowest)
        for k, name in enumerate(names):
            drawn_here = [region for region in photo.drawn if name == ANY or region.label == name]
            found_here = [region for region in found if name == ANY or region.label == name]
            counts[:, n, k] = _compare(drawn_here, found_here)
    return PixelCounts(names, *counts)


def pixel_report(counts: PixelCounts) -> PixelReport:
    """The figures over all photos."""
    shared, either, drawn = (part.sum(axis=0) for part in (counts.intersection, counts.union, counts.drawn))
    (ious,) = counts.iou(np.ones((1, len(counts.drawn))))
    rows = [
        ClassPixels(
            name=name,
            iou=None if np.isnan(iou) else float(iou),
            intersection=int(shared[k]),
            union=int(either[k]),
            drawn=int(drawn[k]),
        )
        for k, (name, iou) in enumerate(zip(counts.names, ious, strict=True))
    ]
    known = [row.iou for row in rows[:-1] if row.iou is not None]
    return PixelReport(
        photos=len(counts.drawn),
        mean_iou=float(np.mean(known)) if known else None,
        anything=rows[-1],
        classes=tuple(rows[:-1]),
    )


def _compare(drawn: Sequence[Region], found: Sequence[Region]) -> tuple[int, int, int]:
    """Pixels of intersection, union and what is drawn, outside crowds."""
    crowd = [region.rle for region in drawn if region.crowd]
    objects = [region.rle for region in drawn if not region.crowd]
    masks = [region.rle for region in found]
    if not objects and not masks:
        return 0, 0, 0
    out = coco_mask.merge(crowd) if crowd else None
    drawn_area, found_area = _outside(objects, out), _outside(masks, out)
    either = _outside([*objects, *masks], out) if objects and masks else drawn_area + found_area
    return drawn_area + found_area - either, either, drawn_area


def _outside(masks: Sequence[_RLE], out: _RLE | None) -> int:
    """Pixels of the union of the masks that are not in `out`."""
    if not masks:
        return 0
    union = coco_mask.merge(masks)
    inside = coco_mask.area(coco_mask.merge([union, out], intersect=True)) if out else 0
    return int(coco_mask.area(union)) - int(inside)
