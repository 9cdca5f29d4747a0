"""Meetings: which findings lie on which drawn damages at all, whatever the outline and the class.

`matching` pairs each finding with at most one drawn object of its class, at mask IoU 0.5, as COCO does. Here any number
of findings may meet any number of drawn ones: three scratches found as one are met.

F, D = regions found (and kept) and drawn on one photo, of one branch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from pycocotools import mask as coco_mask

from crumple.evaluate.judged.regions import PhotoRegions, Region, reported

MEETS = 0.1  # mask IoU from which a finding is about a drawn damage


@dataclass(frozen=True, eq=False)
class PhotoMeeting:
    """What lies on what on one photo.

    found: the F regions kept, highest score first. drawn: the D drawn ones, as they came.
    iou: (F, D) float, their mask IoU; with a crowd the share of the found region that lies on it.
    solid: (D,) bool, no crowd. same: (F, D) bool, of one class.
    """

    found: tuple[Region, ...]
    drawn: tuple[Region, ...]
    iou: np.ndarray
    solid: np.ndarray
    same: np.ndarray

    def best(self, *, same_class: bool) -> list[int | None]:
        """By drawn region, the position of the finding that overlaps it most; None where none does by 0.1 or more."""
        iou = np.where(self.same, self.iou, 0.0) if same_class else self.iou
        if not len(self.found):
            return [None] * len(self.drawn)
        return [int(i) if iou[i, j] >= MEETS else None for j, i in enumerate(iou.argmax(axis=0))]

    def met_by(self, j: int) -> np.ndarray:
        """(F,) bool, the findings of its class that drawn region j is met by."""
        return np.asarray(self.same[:, j] & (self.iou[:, j] >= MEETS))

    def about(self, i: int) -> int | None:
        """The position of the drawn region that finding i overlaps most; None where it meets none, or only a crowd."""
        iou = np.where(self.solid, self.iou[i], 0.0)
        return int(iou.argmax()) if len(iou) and iou.max() >= MEETS else None


def meet(regions: PhotoRegions, lowest: Mapping[str, float]) -> PhotoMeeting:
    """What was found with `score >= lowest[label]` against what was drawn; a label that is missing has 0."""
    found, drawn = tuple(reported(regions.found, lowest)), regions.drawn
    iou = np.zeros((len(found), len(drawn)))
    if found and drawn:
        crowds = [int(region.crowd) for region in drawn]
        iou = np.asarray(coco_mask.iou([region.rle for region in found], [region.rle for region in drawn], crowds))
    return PhotoMeeting(
        found=found,
        drawn=drawn,
        iou=iou,
        solid=np.array([not region.crowd for region in drawn], bool),
        same=np.array([[one.label == other.label for other in drawn] for one in found], bool).reshape(iou.shape),
    )
