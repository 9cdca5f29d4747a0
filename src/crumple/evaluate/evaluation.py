"""An evaluation: a model run over the labelled photos of a data file, and its AP per branch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple import __version__
from crumple.dataset.instances import LabelledPhoto
from crumple.dataset.sets import DataFile, DataSet
from crumple.detect.detections import Detections
from crumple.detect.model_info import ModelInfo
from crumple.errors import DataError, ModelError
from crumple.evaluate.average_precision import APReport, regions_ap
from crumple.evaluate.regions import PhotoRegions, Region, drawn_regions, found_regions
from crumple.photo import decode_photo
from crumple.taxonomy import MERGE_SIDES, MERGE_TRUNK_TAILGATE

OnPhoto = Callable[[int, int], None]  # photos done, photos in all


class InfoDetector(Protocol):
    """Photo (H, W, 3) uint8 RGB -> detections; it knows its model. `crumple.detect.detector.Detector` is one."""

    @property
    def info(self) -> ModelInfo: ...

    def __call__(self, rgb: np.ndarray) -> Detections: ...


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BranchEvaluation(_Record):
    """One branch on the sets that are labelled for it.

    headline: classes as they are, annotations that hold several objects (merged wheels) split into one each.
    views: the same detections judged otherwise: "sides_merged", "tailgate_merged" (with trunk), "as_given" (unsplit).
    """

    branch: str
    sets: tuple[str, ...]
    headline: APReport
    views: dict[str, APReport]


class EvaluatedModel(_Record):
    """Which model was measured."""

    name: str
    version: str
    sha256: str


class Evaluation(_Record):
    """What `crumple evaluate` writes as JSON. `limit` is the number of photos taken of each set, None for all."""

    crumple: str
    model: EvaluatedModel
    split: str
    limit: int | None
    branches: tuple[BranchEvaluation, ...]


@dataclass(frozen=True)
class _Task:
    """One photo to run, with its ground truth as the headline wants it and as its source gave it."""

    data_set: DataSet
    photo: LabelledPhoto
    given: LabelledPhoto


def evaluate(
    detector: InfoDetector,
    data: DataFile,
    split: str = "val",
    *,
    limit: int | None = None,
    on_photo: OnPhoto | None = None,
) -> Evaluation:
    """Run `detector` over `split` of every set whose branch the model has.

    Args:
        limit: take at most this many photos of each set, evenly spaced over it.
        on_photo: told after each photo how many are done and how many there are.

    Raises DataError or PhotoError when the data cannot be used, ModelError when the model has none of its branches.
    """
    classes = {branch.name: branch.classes for branch in detector.info.branches}
    tasks = _tasks(data, classes, split, limit)
    photos: dict[str, list[PhotoRegions]] = {}
    given: dict[str, list[tuple[Region, ...]]] = {}
    for done, task in enumerate(tasks, start=1):
        photos.setdefault(task.data_set.branch, []).append(_run(detector, task))
        given.setdefault(task.data_set.branch, []).append(drawn_regions(task.given))
        if on_photo:
            on_photo(done, len(tasks))
    sets = {branch: [task.data_set.name for task in tasks if task.data_set.branch == branch] for branch in photos}
    info = detector.info
    return Evaluation(
        crumple=__version__,
        model=EvaluatedModel(name=info.name, version=info.version, sha256=info.sha256),
        split=split,
        limit=limit,
        branches=tuple(
            evaluate_branch(branch, classes[branch], tuple(dict.fromkeys(sets[branch])), photos[branch], given[branch])
            for branch in classes
            if branch in photos
        ),
    )


def evaluate_branch(
    branch: str,
    classes: Sequence[str],
    sets: tuple[str, ...],
    photos: Sequence[PhotoRegions],
    given: Sequence[tuple[Region, ...]],
) -> BranchEvaluation:
    """The headline and every view that says something else than the headline.

    `given[i]` are the drawn regions of `photos[i]` with nothing split.
    """
    views = {}
    for name, relabel in (("sides_merged", MERGE_SIDES), ("tailgate_merged", MERGE_TRUNK_TAILGATE)):
        if any(relabel.get(label, label) != label for label in classes):
            views[name] = regions_ap(photos, branch, classes, relabel=relabel)
    if any(len(drawn) != len(photo.drawn) for drawn, photo in zip(given, photos, strict=True)):
        as_given = [
            PhotoRegions(photo.width, photo.height, drawn, photo.found)
            for drawn, photo in zip(given, photos, strict=True)
        ]
        views["as_given"] = regions_ap(as_given, branch, classes)
    return BranchEvaluation(branch=branch, sets=sets, headline=regions_ap(photos, branch, classes), views=views)


def _tasks(data: DataFile, branches: Mapping[str, Sequence[str]], split: str, limit: int | None) -> list[_Task]:
    if limit is not None and limit < 1:
        raise DataError(f"limit {limit}: at least one photo of each set is needed")
    chosen = [data_set for data_set in data.sets if data_set.branch in branches]
    if not chosen:
        wanted = ", ".join(sorted({data_set.branch for data_set in data.sets}))
        raise ModelError(f"the data is labelled for {wanted}, and the model has only {', '.join(branches)}")
    tasks = [task for data_set in chosen for task in _set_tasks(data_set, branches[data_set.branch], split, limit)]
    if not tasks:
        raise DataError(f"split {split!r} holds no photo")
    return tasks


def _set_tasks(data_set: DataSet, classes: Sequence[str], split: str, limit: int | None) -> Iterator[_Task]:
    photos = data_set.read(split, check_sizes=True)
    given = data_set.read(split, split=False) if data_set.labels.split_polygons else photos
    for photo in photos:
        unknown = {instance.label for instance in photo.instances}.difference(classes)
        if unknown:
            raise DataError(
                f"set {data_set.name!r}, {photo.file_name}: label {min(unknown)!r} is not a class of the model's "
                f"branch {data_set.branch!r}; map it to one of {', '.join(classes)} or to null in the set's label map"
            )
    take = np.linspace(0, len(photos) - 1, min(limit, len(photos))).round().astype(int) if limit else range(len(photos))
    return (_Task(data_set, photos[i], given[i]) for i in take)


def _run(detector: InfoDetector, task: _Task) -> PhotoRegions:
    photo = task.photo
    rgb = decode_photo(photo.path).rgb
    found = found_regions(detector(rgb)[task.data_set.branch], photo.height, photo.width)
    return PhotoRegions(photo.width, photo.height, drawn_regions(photo), found)
