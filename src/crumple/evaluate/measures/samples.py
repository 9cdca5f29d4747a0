"""Every figure of one branch, on the photos and on every resample of them.

Intervals and comparisons of models are made of these. S resamples (row 0: the photos as they are), N photos, K classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from pycocotools.cocoeval import COCOeval

from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.agreement import agreement_counts, agreement_figures
from crumple.evaluate.measures.average_precision import Kind, coco_evaluations
from crumple.evaluate.measures.matching import PhotoMatch, match_photo
from crumple.evaluate.measures.meeting import meet
from crumple.evaluate.measures.operating_point import FIGURES, OperatingSamples, operating_samples, photo_counts
from crumple.evaluate.measures.pixels import PixelCounts, count_pixels
from crumple.evaluate.measures.weighted_ap import APSamples, ap_samples

_COMPARED_AP: tuple[tuple[Kind, str, str], ...] = (
    ("mask", "AP", "ap"),
    ("mask", "AP10", "ap10"),
    ("mask", "AP25", "ap25"),
    ("mask", "AP50", "ap50"),
    ("box", "AP", "ap"),
    ("box", "AP50", "ap50"),
)
_IN_WORDS = {"f1": "F1", "mean_iou": "mean mask IoU"}


class FigureName(NamedTuple):
    """Which figure it is, and of which class; None: of all."""

    figure: str
    label: str | None = None


@dataclass(frozen=True, eq=False)
class BranchSamples:
    """One branch on the N photos that are labelled for it.

    weights: (S, N). regions: of each photo, whatever the score. reported: only what an assessment reports of it.
    matches: of the latter. met: see `agreement.agreement_counts`. coco: pycocotools' evaluations.
    pixel_iou: (S, K + 1), NaN where nothing is drawn; the last column takes all classes as one.
    """

    branch: str
    classes: tuple[str, ...]
    weights: np.ndarray
    regions: tuple[PhotoRegions, ...]
    reported: tuple[PhotoRegions, ...]
    matches: tuple[PhotoMatch, ...]
    met: np.ndarray
    coco: dict[Kind, COCOeval]
    ap: dict[Kind, APSamples]
    operating: OperatingSamples
    pixels: PixelCounts
    pixel_iou: np.ndarray

    def figures(self) -> dict[FigureName, np.ndarray]:
        """(S,) values: the figures by which two models are compared, the overall ones first."""
        overall = {
            **{f"{kind} {name}": self.ap[kind].overall[figure] for kind, name, figure in _COMPARED_AP},
            **{_IN_WORDS.get(name, name): self.operating.overall[:, i] for i, name in enumerate(FIGURES)},
            f"pixel IoU of all {self.branch}": self.pixel_iou[:, -1],
        }
        met, meeting = agreement_figures(self.met, self.weights)
        return {
            **{FigureName(name): values for name, values in overall.items()},
            FigureName("drawn ones met"): met[:, -1],
            FigureName("findings that meet one"): meeting[:, -1],
            **{FigureName("drawn ones met", label): met[:, k] for k, label in enumerate(self.classes)},
            **{FigureName("findings that meet one", label): meeting[:, k] for k, label in enumerate(self.classes)},
            **{
                FigureName("mask AP50", label): self.ap["mask"].by_class["ap50"][:, k]
                for k, label in enumerate(self.classes)
            },
            **{FigureName("pixel IoU", label): self.pixel_iou[:, k] for k, label in enumerate(self.classes)},
        }


def branch_samples(
    photos: Sequence[JudgedPhoto],
    reported: Sequence[JudgedPhoto],
    branch: str,
    classes: Sequence[str],
    weights: np.ndarray,
) -> BranchSamples:
    """All of it for the photos given.

    Args:
        reported: the same photos with only what an assessment reports of them.
        weights: (S, N), see `bootstrap.resamples`.

    Raises DataError when a drawn or found label is not among `classes`.
    """
    regions = tuple(photo.regions(branch) for photo in photos)
    told = tuple(photo.regions(branch) for photo in reported)
    coco = coco_evaluations(regions, branch, classes)
    matches = tuple(match_photo(photo, {}) for photo in told)
    pixels = count_pixels(told, classes, {})
    return BranchSamples(
        branch=branch,
        classes=tuple(classes),
        weights=weights,
        regions=regions,
        reported=told,
        matches=matches,
        met=agreement_counts([meet(photo, {}) for photo in told], classes),
        coco=coco,
        ap={kind: ap_samples(evaluation, weights) for kind, evaluation in coco.items()},
        operating=operating_samples(photo_counts(matches, classes), weights),
        pixels=pixels,
        pixel_iou=pixels.iou(weights),
    )
