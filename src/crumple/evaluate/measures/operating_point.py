"""The operating point: what is right, wrong and missed when only scores from the shipped thresholds on are reported.

N photos, K classes, S resamples (see `bootstrap`). Matching is by mask at IoU 0.5 (see `matching`). The four figures,
all of them shares, are:

* precision: right findings of all findings; undefined when nothing is found.
* recall: drawn objects that are found; undefined when nothing is drawn.
* F1: 2 right / (2 right + false alarms + missed), the harmonic mean of both; 0 when nothing is right.
* mean IoU: mean overlap of the right findings' masks with the drawn ones; undefined without any.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple.errors import DataError
from crumple.evaluate.measures.bootstrap import Estimate, defined_mean, estimate, ratio
from crumple.evaluate.measures.matching import NO_PARTNER, PhotoMatch

FIGURES = ("precision", "recall", "f1", "mean_iou")
_OBJECTS, _RIGHT, _WRONG, _IOU = range(4)  # on the counts' axis of four


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MeanFigures(_Record):
    """Four figures, each the mean over the classes that are drawn and for which it is defined."""

    precision: Estimate
    recall: Estimate
    f1: Estimate
    mean_iou: Estimate


class OperatingFigures(MeanFigures):
    """Four figures and the counts behind them. Crowds, and what is found on them, are in none."""

    objects: int
    true_positives: int
    false_positives: int


class OperatingPoint(_Record):
    """One branch at given lowest scores. overall: every object and finding counts alike, whatever its class (micro)."""

    overall: OperatingFigures
    mean: MeanFigures
    classes: dict[str, OperatingFigures]


@dataclass(frozen=True, eq=False)
class OperatingSamples:
    """The figures on every resample, the photos as they are first; NaN where undefined.

    overall, mean: (S, 4). classes: (S, K, 4). The last axis is FIGURES.
    """

    overall: np.ndarray
    mean: np.ndarray
    classes: np.ndarray


def photo_counts(matches: Sequence[PhotoMatch], classes: Sequence[str]) -> np.ndarray:
    """(N, K, 4): by photo and class drawn objects, right findings, false alarms, and the sum of the right ones' IoU.

    Raises DataError when a region's label is not among `classes`.
    """
    index = {label: k for k, label in enumerate(classes)}
    counts = np.zeros((len(matches), len(classes), 4))
    for photo, match in zip(counts, matches, strict=True):
        unknown = {region.label for region in (*match.drawn, *match.found)}.difference(index)
        if unknown:
            raise DataError(f"label {min(unknown)!r} is not a class of the model (it has {', '.join(classes)})")
        for region in match.drawn:
            photo[index[region.label], _OBJECTS] += not region.crowd
        for region, partner, iou in zip(match.found, match.partner, match.iou, strict=True):
            photo[index[region.label], _RIGHT] += partner >= 0
            photo[index[region.label], _WRONG] += partner == NO_PARTNER
            photo[index[region.label], _IOU] += iou
    return counts


def operating_samples(counts: np.ndarray, weights: np.ndarray) -> OperatingSamples:
    """The figures of (N, K, 4) `photo_counts` on every resample of (S, N) `weights`."""
    n, k, _ = counts.shape
    sums = (weights @ counts.reshape(n, k * 4)).reshape(len(weights), k, 4)
    by_class = _figures(sums)
    drawn = np.where(sums[..., _OBJECTS, None] > 0, by_class, np.nan)
    return OperatingSamples(_figures(sums.sum(axis=1)), defined_mean(drawn.swapaxes(1, 2)), by_class)


def operating_point(matches: Sequence[PhotoMatch], classes: Sequence[str], weights: np.ndarray) -> OperatingPoint:
    """The figures of one branch with their intervals.

    Args:
        matches: of every photo that is labelled for the branch, at the lowest scores that are asked about.
        weights: (S, N), `bootstrap.resamples` of the same photos.

    Raises DataError when a region's label is not among `classes`.
    """
    counts = photo_counts(matches, classes)
    samples = operating_samples(counts, weights)
    totals = counts.sum(axis=0)
    return OperatingPoint(
        overall=_with_counts(samples.overall, totals.sum(axis=0)),
        mean=MeanFigures(**_estimates(samples.mean)),
        classes={label: _with_counts(samples.classes[:, k], totals[k]) for k, label in enumerate(classes)},
    )


def _figures(sums: np.ndarray) -> np.ndarray:
    """(..., 4) figures from (..., 4) counts."""
    objects, right, wrong, iou = np.moveaxis(sums, -1, 0)
    f1 = ratio(2 * right, objects + right + wrong)
    return np.stack([ratio(right, right + wrong), ratio(right, objects), f1, ratio(iou, right)], axis=-1)


def _estimates(samples: np.ndarray) -> dict[str, Estimate]:
    return {name: estimate(samples[:, i]) for i, name in enumerate(FIGURES)}


def _with_counts(samples: np.ndarray, totals: np.ndarray) -> OperatingFigures:
    return OperatingFigures(
        objects=int(totals[_OBJECTS]),
        true_positives=int(totals[_RIGHT]),
        false_positives=int(totals[_WRONG]),
        **_estimates(samples),
    )
