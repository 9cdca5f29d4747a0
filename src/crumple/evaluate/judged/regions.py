"""Regions: what was drawn by a person and what was found by a model, in the one form that both are compared in.

H, W = height and width of the photo as decoded. Boxes are xyxy in photo pixels, masks COCO compressed RLE of (H, W).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from crumple.dataset.instances import Instance, LabelledPhoto
from crumple.detect.detections import BranchDetections

# COCO judges at most this many detections of a photo, the highest-scored ones.
MAX_FOUND = 100
_DECIMALS = 5  # of probabilities of places: their logits are cut off at 0.0001


@dataclass(frozen=True)
class Region:
    """One labelled area of a photo. `score` means nothing for a drawn region, `crowd` nothing for a found one.

    places: of a found damage, how probably it lies on each of `PhotoParts.names`; empty where the model does not say.
    real: the second opinion on a found damage; 0.5 where the model has none.
    """

    label: str
    box: tuple[float, float, float, float]
    rle: dict[str, Any]
    score: float = 1.0
    crowd: bool = False
    places: tuple[float, ...] = ()
    real: float = 0.5


@dataclass(frozen=True)
class PhotoRegions:
    """The two sides of the comparison on one photo, of one branch."""

    width: int
    height: int
    drawn: tuple[Region, ...]
    found: tuple[Region, ...]


def drawn_regions(photo: LabelledPhoto) -> tuple[Region, ...]:
    """The photo's ground truth."""
    return tuple(
        Region(instance.label, instance.box, _instance_rle(instance, photo.height, photo.width), crowd=instance.crowd)
        for instance in photo.instances
    )


def found_regions(detections: BranchDetections, height: int, width: int) -> tuple[Region, ...]:
    """The at most MAX_FOUND highest-scored detections, their masks pasted into the photo's own (height, width)."""
    order = np.argsort(-detections.scores, kind="stable")[:MAX_FOUND]
    return tuple(
        Region(
            detections.classes[detections.labels[i]],
            tuple(float(edge) for edge in detections.boxes[i]),  # type: ignore[arg-type]
            detections.rle(int(i), height, width),
            float(detections.scores[i]),
            places=() if detections.places is None else tuple(detections.places[i].round(_DECIMALS).tolist()),
            real=0.5 if detections.real is None else round(float(detections.real[i]), _DECIMALS),
        )
        for i in order
    )


def reported(found: Sequence[Region], lowest: Mapping[str, float]) -> list[Region]:
    """The regions with `score >= lowest[label]`, highest score first: what a user gets to see.

    lowest: by label, the operating point; a label that is missing has 0.
    """
    kept = [region for region in found if region.score >= lowest.get(region.label, 0.0)]
    return sorted(kept, key=lambda region: -region.score)


def _instance_rle(instance: Instance, height: int, width: int) -> dict[str, Any]:
    """COCO's own rasteriser for polygons, so that areas and overlaps are those of every other COCO evaluation."""
    if instance.rle is not None:
        return instance.rle
    rings: Sequence[list[float]] = [ring.reshape(-1).tolist() for ring in instance.polygons]
    merged: dict[str, Any] = coco_mask.merge(coco_mask.frPyObjects(rings, height, width))
    return merged
