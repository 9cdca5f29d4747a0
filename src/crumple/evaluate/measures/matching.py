"""Matching: which found region of a photo is which drawn one, by mask overlap at one IoU.

F, D = regions found (and kept) and drawn on one photo, of one branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask

from crumple.evaluate.judged.regions import PhotoRegions, Region

MATCH_IOU = 0.5
NO_PARTNER, CROWD = -1, -2


@dataclass(frozen=True, eq=False)
class PhotoMatch:
    """Who found whom on one photo.

    found: the F regions kept, highest score first. drawn: the D drawn regions, as they came.
    partner: (F,) int, for each found region the index of its partner in `drawn`, NO_PARTNER (-1) for a false alarm,
        CROWD (-2) for one on a crowd, which counts for nothing.
    iou: (F,) float, mask IoU with the partner, 0 without one.
    hit: (D,) bool, the drawn region has a partner. A crowd is never hit and never missed: leave crowds out.
    """

    found: tuple[Region, ...]
    partner: np.ndarray
    iou: np.ndarray
    drawn: tuple[Region, ...]
    hit: np.ndarray


def match_photo(regions: PhotoRegions, lowest: Mapping[str, float]) -> PhotoMatch:
    """Match what was found with `score >= lowest[label]` to what was drawn, class by class.

    Greedy by score: each found region takes the free drawn one of its class that it overlaps most, if their mask IoU is
    at least 0.5. Each drawn region is taken once, a crowd any number of times but only by who found nothing else; on a
    crowd the overlap is the share of the found region. All of this is COCO's rule at one IoU (`COCOeval.evaluateImg`).

    Args:
        lowest: by label, the lowest score that counts; a label that is missing has 0.
    """
    kept = [region for region in regions.found if region.score >= lowest.get(region.label, 0.0)]
    found = tuple(sorted(kept, key=lambda region: -region.score))
    partner = np.full(len(found), NO_PARTNER)
    iou = np.zeros(len(found))
    hit = np.zeros(len(regions.drawn), bool)
    for label in {region.label for region in found}:
        rows = [i for i, region in enumerate(found) if region.label == label]
        columns = np.array([j for j, region in enumerate(regions.drawn) if region.label == label], int)
        if not len(columns):
            continue
        mine, theirs = [found[i].rle for i in rows], [regions.drawn[j].rle for j in columns]
        crowd = np.array([regions.drawn[j].crowd for j in columns])
        overlap = coco_mask.iou(mine, theirs, crowd.astype(int).tolist())
        for i, row in zip(rows, overlap, strict=True):
            free = ~crowd & ~hit[columns] & (row >= MATCH_IOU)
            if free.any():
                # Of equal overlaps the last, as COCO has it.
                best = len(row) - 1 - int(np.argmax(np.where(free, row, -1.0)[::-1]))
                partner[i], iou[i] = columns[best], row[best]
                hit[columns[best]] = True
            elif (row[crowd] >= MATCH_IOU).any():
                partner[i] = CROWD
    return PhotoMatch(found, partner, iou, regions.drawn, hit)
