"""COCO AP on many resamples at once: matching is done per photo, so a resample only counts photos differently.

S resamples, N photos, K classes, D detections of a class, P of them right at one threshold, T = 12 IoU thresholds
(`average_precision.IOUS`). All of it is for objects of every size and at most 100 detections a photo.

Literally copying photos gives the same numbers, ties of score aside, and takes hours where this takes a second.
"""

from dataclasses import dataclass

import numpy as np
from pycocotools.cocoeval import COCOeval
from pydantic import BaseModel, ConfigDict

from crumple.evaluate.measures.average_precision import AT_10, AT_25, AT_50
from crumple.evaluate.measures.bootstrap import Estimate, defined_mean, estimate

RECALLS = np.linspace(0, 1, 101)  # to the last bit COCOeval's own


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class APInterval(_Record):
    """AP over IoU 0.50..0.95, and at 0.10, 0.25 and 0.50, with their intervals."""

    ap: Estimate
    ap10: Estimate
    ap25: Estimate
    ap50: Estimate


class APIntervals(_Record):
    """Overall, which is the mean over the classes that occur, and by class."""

    overall: APInterval
    classes: dict[str, APInterval]


@dataclass(frozen=True, eq=False)
class APSamples:
    """AP on every resample, the photos as they are first; NaN where nothing is drawn.

    overall: figure -> (S,). by_class: figure -> (S, K). The figures are those of `APInterval`, by its names.
    """

    classes: tuple[str, ...]
    overall: dict[str, np.ndarray]
    by_class: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class ClassMatches:
    """What COCO's matching says of one class on all photos.

    photo: (D,) int, the photo of each detection, in descending order of score.
    right, wrong: (T, D) bool; neither where the detection lies on a crowd.
    objects: (N,) drawn objects of each photo, crowds left out.
    """

    photo: np.ndarray
    right: np.ndarray
    wrong: np.ndarray
    objects: np.ndarray


def class_matches(evaluation: COCOeval) -> list[ClassMatches]:
    """The match table of each class, from a COCOeval whose `evaluate` has run."""
    ids, sizes = evaluation.params.imgIds, len(evaluation.params.areaRng)
    thresholds = len(evaluation.params.iouThrs)
    tables = []
    for k in range(len(evaluation.params.catIds)):
        # evalImgs runs over classes, then sizes ("all" is the first), then photos.
        images = evaluation.evalImgs[k * sizes * len(ids) :][: len(ids)]
        known = [(i, image) for i, image in enumerate(images) if image is not None]
        objects = np.zeros(len(ids))
        for i, image in known:
            objects[i] = np.count_nonzero(image["gtIgnore"] == 0)
        photo = np.repeat([i for i, _ in known], [len(image["dtScores"]) for _, image in known]).astype(int)
        scores = np.array([score for _, image in known for score in image["dtScores"]])
        order = np.argsort(-scores, kind="mergesort")
        nothing = [np.zeros((thresholds, 0), bool)]
        matched = np.concatenate([image["dtMatches"] > 0 for _, image in known] or nothing, axis=1)[:, order]
        counted = ~np.concatenate([image["dtIgnore"] > 0 for _, image in known] or nothing, axis=1)[:, order]
        tables.append(ClassMatches(photo[order], matched & counted, ~matched & counted, objects))
    return tables


def weighted_ap(matches: ClassMatches, weights: np.ndarray) -> np.ndarray:
    """(S, T) AP of one class with every photo counted `weights` (S, N) times; NaN in resamples without an object.

    The same numbers as `COCOeval.accumulate`. Only right detections are looked at: recall rises there and nowhere else,
    and wrong ones only lower the precision until the next, which the envelope of the curve forgives.
    """
    objects = weights @ matches.objects
    ap = np.zeros((len(weights), len(matches.right)))
    for t, (right, wrong) in enumerate(zip(matches.right, matches.wrong, strict=True)):
        places = np.flatnonzero(right)
        if not len(places):
            continue
        # (N, P): the wrong detections of a photo that score above each right one.
        above = np.zeros((weights.shape[1], len(places) + 1))
        np.add.at(above, (matches.photo[wrong], np.searchsorted(places, np.flatnonzero(wrong))), 1)
        false = weights @ np.cumsum(above[:, :-1], axis=1)
        true = np.cumsum(weights[:, matches.photo[places]], axis=1)
        recall = np.divide(true, objects[:, None], out=np.zeros_like(true), where=objects[:, None] > 0)
        precision = true / (false + true + np.spacing(1))
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        # How many of the 101 recalls each detection is the first to reach.
        reached = np.searchsorted(RECALLS, recall, side="right")
        ap[:, t] = (envelope * np.diff(reached, axis=1, prepend=0)).sum(axis=1) / len(RECALLS)
    ap[objects == 0] = np.nan
    return ap


def ap_samples(evaluation: COCOeval, weights: np.ndarray) -> APSamples:
    """AP on every resample.

    Args:
        evaluation: one of `average_precision.coco_evaluations`.
        weights: (S, N), as `bootstrap.resamples` makes them, in the order of the photos.
    """
    names = tuple(category["name"] for category in evaluation.cocoGt.dataset["categories"])
    at = {
        "ap": slice(AT_50, None),
        **{f: slice(i, i + 1) for f, i in (("ap10", AT_10), ("ap25", AT_25), ("ap50", AT_50))},
    }
    by_class = {figure: np.full((len(weights), len(names)), np.nan) for figure in at}
    for k, matches in enumerate(class_matches(evaluation)):
        ap = weighted_ap(matches, weights)
        for figure, levels in at.items():
            by_class[figure][:, k] = ap[:, levels].mean(axis=1)
    return APSamples(names, {figure: defined_mean(values) for figure, values in by_class.items()}, by_class)


def ap_intervals(samples: APSamples) -> APIntervals:
    """The figures with their intervals."""
    return APIntervals(
        overall=APInterval(**{figure: estimate(values) for figure, values in samples.overall.items()}),
        classes={
            name: APInterval(**{figure: estimate(values[:, k]) for figure, values in samples.by_class.items()})
            for k, name in enumerate(samples.classes)
        },
    )
