"""Mask confusion: which class is taken for which, what is missed, and what is found where nothing is drawn.

K classes, and the background as one more; F, D = regions found and drawn on one photo.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from pycocotools import mask as coco_mask
from pydantic import BaseModel, ConfigDict

from crumple.errors import DataError
from crumple.evaluate.judged.regions import PhotoRegions, reported
from crumple.evaluate.measures.matching import MATCH_IOU

BACKGROUND = "background"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Confusion(_Record):
    """labels: the K classes and, last, "background". counts: (K + 1, K + 1), a row for each drawn class, a column for
    each found one.

    The row "background" holds false alarms, the column "background" what was missed; where both meet stands 0, for
    nobody can count the nothing that was rightly left alone.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def confusion(photos: Sequence[PhotoRegions], classes: Sequence[str], lowest: Mapping[str, float]) -> Confusion:
    """Match masks whatever their class, at IoU 0.5 and the operating point, and count the pairs of classes.

    Greedy by score within each photo: each found region takes the free drawn one that it overlaps most, of equal ones
    that of its own class. A crowd, of whichever class, is never missed, and what lies on one with at least half of its
    area and has no partner counts for nothing.

    Args:
        lowest: by label, the lowest score that counts; a label that is missing has 0.

    Raises DataError when a label is not among `classes`.
    """
    labels = (*classes, BACKGROUND)
    ids = {name: k for k, name in enumerate(classes)}
    background = len(classes)
    counts = np.zeros((len(labels), len(labels)), int)
    for photo in photos:
        unknown = {region.label for region in (*photo.drawn, *photo.found)}.difference(ids)
        if unknown:
            raise DataError(f"label {min(unknown)!r} is not among the classes {', '.join(classes)}")
        for drawn, found in _pairs(photo, lowest):
            row = background if drawn is None else ids[drawn]
            counts[row, background if found is None else ids[found]] += 1
    return Confusion(labels=labels, counts=tuple(tuple(int(count) for count in row) for row in counts))


def _pairs(photo: PhotoRegions, lowest: Mapping[str, float]) -> list[tuple[str | None, str | None]]:
    """Labels (drawn, found) of every pair, None for the missing side."""
    found = reported(photo.found, lowest)
    crowd = np.array([region.crowd for region in photo.drawn], bool)
    overlap = np.zeros((len(found), len(photo.drawn)))
    if found and photo.drawn:
        masks = [region.rle for region in found], [region.rle for region in photo.drawn]
        overlap = coco_mask.iou(*masks, crowd.astype(int).tolist())
    free = ~crowd
    pairs: list[tuple[str | None, str | None]] = []
    for region, row in zip(found, overlap, strict=True):
        open_to_it = [j for j in range(len(row)) if free[j] and row[j] >= MATCH_IOU]
        if open_to_it:
            best = max(open_to_it, key=lambda j: (row[j], photo.drawn[j].label == region.label))
            free[best] = False
            pairs.append((photo.drawn[best].label, region.label))
        elif not (row[crowd] >= MATCH_IOU).any():
            pairs.append((None, region.label))
    return pairs + [(photo.drawn[j].label, None) for j in np.flatnonzero(free)]
