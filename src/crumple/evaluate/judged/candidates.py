"""Candidates: the models that are to be judged, each with its photos. Judged, each becomes a `subject`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crumple.cache import cache_folder
from crumple.dataset.sets import DataFile
from crumple.errors import DataError, ModelError
from crumple.evaluate.judged.coco_detections import data_classes, read_detections
from crumple.evaluate.judged.judge import DetectorFinder, Finder, LookCache, OnPhoto, judge
from crumple.evaluate.judged.model_folder import fingerprint, open_detector
from crumple.evaluate.judged.photos import JudgedPhoto, Truth
from crumple.evaluate.judged.truths import read_truths


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model, or a file of another system's detections, and the photos to judge it on.

    cache: of what a model found; None for a file. notes: what a reader of its figures must know.
    """

    finder: Finder
    truths: list[Truth]
    cache: LookCache | None
    notes: tuple[str, ...] = ()

    @property
    def is_model(self) -> bool:
        """Whether it is a model, which can look at other photos too, and no file of detections."""
        return self.cache is not None

    def judge(self, on_photo: OnPhoto | None = None) -> list[JudgedPhoto]:
        """Run it, or look up what it found. Raises PhotoError when a photo cannot be decoded."""
        return judge(self.finder, self.truths, self.cache, on_photo)


def open_candidates(
    paths: Sequence[Path],
    data: DataFile,
    split: str,
    limit: int | None = None,
    *,
    accurate: bool = False,
    raw: bool = False,
) -> list[Candidate]:
    """Open every model and read the photos; several models get the same photos, those of the branches they share.

    Args:
        paths: exported folders, checkpoints, or .json files with COCO detections.
        accurate: the last of them, which must be a model, looks twice.
        raw: see `open_detector`.

    Raises DataError or ModelError, each in one line.
    """
    if accurate and _is_detections(paths[-1]):
        raise ModelError(f"{paths[-1]}: a file of detections cannot look twice; --accurate wants a model as the last")
    twice = [accurate and i == len(paths) - 1 for i in range(len(paths))]
    models: list[tuple[Path, Finder | None]] = [
        (path, None if _is_detections(path) else DetectorFinder(open_detector(path, accurate=looks_twice, raw=raw)))
        for path, looks_twice in zip(paths, twice, strict=True)
    ]
    of_data = data_classes(data)
    classes = [
        {branch.name: branch.classes for branch in finder.info.branches} if finder else of_data for _, finder in models
    ]
    shared = [branch for branch in classes[0] if all(branch in theirs for theirs in classes)]
    if not shared:
        raise ModelError(f"{' and '.join(map(str, paths))} share no branch: nothing to compare; measure each by itself")
    return [
        _candidate(path, finder, looks_twice, {branch: theirs[branch] for branch in shared}, data, split, limit)
        for (path, finder), looks_twice, theirs in zip(models, twice, classes, strict=True)
    ]


def _is_detections(path: Path) -> bool:
    return path.suffix == ".json"


def _candidate(
    path: Path,
    finder: Finder | None,
    accurate: bool,
    classes: Mapping[str, Sequence[str]],
    data: DataFile,
    split: str,
    limit: int | None,
) -> Candidate:
    truths = read_truths(data, split, classes, limit)
    if finder is not None:
        folder = cache_folder()
        key = fingerprint(path, accurate=accurate, rescoring=finder.info.rescoring)
        return Candidate(finder, truths, LookCache(folder, key) if folder else None)
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; give COCO detections, or a model folder")
    detections = read_detections(path, data, truths, split)
    rough = f"Detections without a mask, whose boxes were taken for masks: {detections.boxes_only}."
    return Candidate(detections, truths, None, (rough,) if detections.boxes_only else ())
