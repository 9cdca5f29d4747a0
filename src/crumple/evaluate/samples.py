"""Every figure of one branch, on the photos as they are and on every resample of them: what intervals and comparisons
of models are made of.

S resamples (row 0: the photos as they are), N photos, K classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pycocotools.cocoeval import COCOeval

from crumple.evaluate.average_precision import Kind, coco_evaluations
from crumple.evaluate.bootstrap import ratio
from crumple.evaluate.judged import JudgedPhoto
from crumple.evaluate.matching import PhotoMatch, match_photo
from crumple.evaluate.operating_point import FIGURES, OperatingSamples, operating_samples, photo_counts
from crumple.evaluate.pixels import PixelCounts, count_pixels
from crumple.evaluate.regions import PhotoRegions
from crumple.evaluate.weighted_ap import APSamples, ap_samples

_IN_WORDS = {"f1": "F1", "mean_iou": "mean mask IoU"}


@dataclass(frozen=True, eq=False)
class BranchSamples:
    """One branch on the N photos that are labelled for it.

    weights: (S, N). regions, matches: of each photo, the latter at the operating point. coco: pycocotools' evaluations.
    pixel_iou: (S, K + 1), NaN where nothing is drawn; the last column takes all classes as one.
    """

    branch: str
    classes: tuple[str, ...]
    weights: np.ndarray
    regions: tuple[PhotoRegions, ...]
    matches: tuple[PhotoMatch, ...]
    coco: dict[Kind, COCOeval]
    ap: dict[Kind, APSamples]
    operating: OperatingSamples
    pixels: PixelCounts
    pixel_iou: np.ndarray

    def figures(self) -> dict[str, np.ndarray]:
        """(S,) values by name: the figures by which two models are compared, the overall ones first."""
        overall = {
            **{f"{kind} {name}": values for kind in ("mask", "box") for name, values in self._overall(kind).items()},
            **{_IN_WORDS.get(name, name): self.operating.overall[:, i] for i, name in enumerate(FIGURES)},
            f"pixel IoU of all {self.branch}": self.pixel_iou[:, -1],
        }
        by_class = {
            **{f"mask AP50, {name}": self.ap["mask"].class_ap50[:, k] for k, name in enumerate(self.classes)},
            **{f"pixel IoU, {name}": self.pixel_iou[:, k] for k, name in enumerate(self.classes)},
        }
        return overall | by_class

    def _overall(self, kind: Kind) -> dict[str, np.ndarray]:
        return {"AP": self.ap[kind].ap, "AP50": self.ap[kind].ap50}


def branch_samples(
    photos: Sequence[JudgedPhoto],
    branch: str,
    classes: Sequence[str],
    lowest: Mapping[str, float],
    weights: np.ndarray,
) -> BranchSamples:
    """All of it for the photos given.

    Args:
        lowest: by label, the lowest score that is reported.
        weights: (S, N), see `bootstrap.resamples`.

    Raises DataError when a drawn or found label is not among `classes`.
    """
    regions = tuple(photo.regions(branch) for photo in photos)
    coco = coco_evaluations(regions, branch, classes)
    matches = tuple(match_photo(photo, lowest) for photo in regions)
    pixels = count_pixels(regions, classes, lowest)
    shared, either, drawn = (weights @ counts for counts in (pixels.intersection, pixels.union, pixels.drawn))
    return BranchSamples(
        branch=branch,
        classes=tuple(classes),
        weights=weights,
        regions=regions,
        matches=matches,
        coco=coco,
        ap={kind: ap_samples(evaluation, weights) for kind, evaluation in coco.items()},
        operating=operating_samples(photo_counts(matches, classes), weights),
        pixels=pixels,
        pixel_iou=np.where(drawn > 0, ratio(shared, either), np.nan),
    )
