"""An evaluation: all that is known about how good a model is, from photos that are judged already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from pydantic import BaseModel, ConfigDict

from crumple import __version__
from crumple.dataset.leak_records import LeakAudit
from crumple.dataset.sets import DataFile
from crumple.detect.model_info import ClassThresholds, ModelInfo
from crumple.evaluate.alarms import CleanCarAlarms, clean_car_alarms
from crumple.evaluate.average_precision import APReport, Kind, ap_report, regions_ap
from crumple.evaluate.bootstrap import Estimate, estimate, resamples
from crumple.evaluate.calibration import CalibrationReport, calibrate
from crumple.evaluate.confusion import Confusion, confusion
from crumple.evaluate.damaged_parts import DamagedParts, damaged_parts
from crumple.evaluate.error_types import ErrorTypes, error_types
from crumple.evaluate.judged import JudgedPhoto, labelled_for
from crumple.evaluate.matching import match_photo
from crumple.evaluate.operating_point import OperatingPoint, operating_point
from crumple.evaluate.photo_shares import photo_shares
from crumple.evaluate.pixels import PixelReport, pixel_report
from crumple.evaluate.placement import Placement, placement
from crumple.evaluate.presence import DamageAnywhere, PresenceReport, damage_anywhere, presence
from crumple.evaluate.regions import PhotoRegions
from crumple.evaluate.samples import BranchSamples, branch_samples
from crumple.evaluate.score_curve import ScoreCurve, score_curve
from crumple.evaluate.slices import SliceReport, slice_report
from crumple.evaluate.thresholds import choose_thresholds
from crumple.evaluate.weighted_ap import APIntervals, ap_intervals
from crumple.taxonomy import DAMAGE_BRANCH, MERGE_SIDES, MERGE_TRUNK_TAILGATE, PARTS_BRANCH

TRAIN = "train"

Thresholds = dict[str, dict[str, ClassThresholds]]  # by branch and class


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvaluatedModel(_Record):
    """Which model was measured."""

    name: str
    version: str
    sha256: str


class BranchEvaluation(_Record):
    """One branch on the sets that are labelled for it.

    headline: AP with classes as they are, annotations that hold several objects (merged wheels) split into one each.
    views: the same detections judged otherwise: "sides_merged", "tailgate_merged" (with trunk), "as_given" (unsplit).
    intervals: of the headline's AP, by kind ("mask", "box").
    curves: by class. pixel_intervals: pixel IoU by class, and of "any" class.
    Everything but AP (also that of errors), curves and calibration is at the operating point: scores from the suspected
    thresholds on.
    """

    branch: str
    sets: tuple[str, ...]
    headline: APReport
    views: dict[str, APReport]
    intervals: dict[Kind, APIntervals]
    operating: OperatingPoint
    errors: ErrorTypes
    curves: dict[str, ScoreCurve]
    pixels: PixelReport
    pixel_intervals: dict[str, Estimate]
    presence: PresenceReport
    confusion: Confusion
    calibration: CalibrationReport
    slices: SliceReport


class Evaluation(_Record):
    """What `crumple evaluate` writes as JSON.

    limit: the number of photos taken of each set, None for all. unseen: photos that another split holds too were left
        out. seed: of the resamples behind the intervals.
    thresholds: by branch and class; thresholds_from: "model" where the model brought them, "these photos" where they
        were chosen on the photos that are judged with them, which flatters every figure at the operating point.
    notes: what a reader must know, in sentences. photo_shares: see there; empty for a model without damage.
    """

    crumple: str
    model: EvaluatedModel
    split: str
    photos: int
    limit: int | None
    unseen: bool
    seed: int
    leaks: LeakAudit
    thresholds: Thresholds
    thresholds_from: str
    notes: tuple[str, ...]
    branches: tuple[BranchEvaluation, ...]
    damage_anywhere: DamageAnywhere | None
    photo_shares: dict[str, Estimate]
    clean_cars: CleanCarAlarms | None
    damaged_parts: DamagedParts | None
    placement: Placement | None


@dataclass(frozen=True, eq=False)
class Subject:
    """What is evaluated: a model by what it found on N photos. weights: (S, N) resamples of them."""

    info: ModelInfo
    photos: tuple[JudgedPhoto, ...]
    weights: np.ndarray
    thresholds: Thresholds
    thresholds_from: str
    coarser: dict[str, dict[str, str | None]]
    _samples: dict[str, BranchSamples] = field(default_factory=dict)

    def lowest(self, branch: str) -> dict[str, float]:
        """By label, the lowest score that is reported."""
        given = self.thresholds.get(branch, {})
        classes = self.info.branch(branch).classes
        return {label: (given.get(label) or ClassThresholds()).suspected for label in classes}

    def branches(self) -> list[str]:
        """The branches of the model that some photo is labelled for."""
        return [branch.name for branch in self.info.branches if self.labelled(branch.name)]

    def labelled(self, branch: str) -> list[int]:
        """Positions of the photos that the branch is judged on."""
        known = {id(photo) for photo in labelled_for(self.photos, branch)}
        return [i for i, photo in enumerate(self.photos) if id(photo) in known]

    def samples(self, branch: str) -> BranchSamples:
        """Every figure of a branch on every resample; made once."""
        if branch not in self._samples:
            self._samples[branch] = self._make_samples(branch)
        return self._samples[branch]

    def _make_samples(self, branch: str) -> BranchSamples:
        at = self.labelled(branch)
        photos = [self.photos[i] for i in at]
        classes = self.info.branch(branch).classes
        return branch_samples(photos, branch, classes, self.lowest(branch), self.weights[:, at])


def subject(
    info: ModelInfo,
    photos: Sequence[JudgedPhoto],
    data: DataFile,
    *,
    thresholds: Thresholds | None = None,
    seed: int = 0,
) -> Subject:
    """Bring together what an evaluation needs.

    Args:
        thresholds: to judge with; None: the model's own, or chosen on `photos` where it has none.
    """
    classes = {branch.name: branch.classes for branch in info.branches}
    given = thresholds or info.thresholds
    return Subject(
        info=info,
        photos=tuple(photos),
        weights=resamples([photo.truth.group for photo in photos], seed=seed),
        thresholds=given or choose_thresholds(photos, classes),
        thresholds_from="model" if info.thresholds and not thresholds else "these photos",
        coarser={data_set.name: data_set.coarser for data_set in data.sets if data_set.coarser},
    )


def evaluate(
    subject: Subject,
    leaks: LeakAudit,
    *,
    split: str,
    limit: int | None = None,
    unseen: bool = False,
    seed: int = 0,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Every figure of one model. Raises DataError when a label is not among the model's classes."""
    info, photos = subject.info, subject.photos
    names = [branch.name for branch in info.branches]
    damage = DAMAGE_BRANCH in names
    both = damage and PARTS_BRANCH in names
    return Evaluation(
        crumple=__version__,
        model=EvaluatedModel(name=info.name, version=info.version, sha256=info.sha256),
        split=split,
        photos=len(photos),
        limit=limit,
        unseen=unseen,
        seed=seed,
        leaks=leaks,
        thresholds=subject.thresholds,
        thresholds_from=subject.thresholds_from,
        notes=(*notes, *_split_note(split), *_thresholds_note(subject, split)),
        branches=tuple(evaluate_branch(subject, branch) for branch in subject.branches()),
        damage_anywhere=damage_anywhere(photos, subject.lowest(DAMAGE_BRANCH)) if damage else None,
        photo_shares=(
            {
                name: estimate(samples)
                for name, samples in photo_shares(photos, subject.weights, subject.lowest(DAMAGE_BRANCH)).items()
            }
            if damage
            else {}
        ),
        clean_cars=(
            clean_car_alarms(photos, info.branch(DAMAGE_BRANCH).classes, subject.thresholds.get(DAMAGE_BRANCH, {}))
            if damage
            else None
        ),
        damaged_parts=(
            damaged_parts(photos, subject.lowest(PARTS_BRANCH), subject.lowest(DAMAGE_BRANCH)) if both else None
        ),
        placement=(
            placement(photos, subject.lowest(PARTS_BRANCH), subject.lowest(DAMAGE_BRANCH), subject.coarser)
            if both
            else None
        ),
    )


def evaluate_branch(subject: Subject, branch: str) -> BranchEvaluation:
    """Every figure of one branch."""
    samples = subject.samples(branch)
    photos = [subject.photos[i] for i in subject.labelled(branch)]
    classes, lowest = samples.classes, subject.lowest(branch)
    return BranchEvaluation(
        branch=branch,
        sets=tuple(dict.fromkeys(photo.truth.sets[branch] for photo in photos)),
        headline=ap_report(branch, samples.coco),
        views=_views(photos, branch, classes),
        intervals={kind: ap_intervals(ap) for kind, ap in samples.ap.items()},
        operating=operating_point(samples.matches, classes, samples.weights),
        errors=error_types(samples.regions, classes, lowest),
        curves={label: score_curve(samples.regions, label) for label in classes},
        pixels=pixel_report(samples.pixels),
        pixel_intervals={name: estimate(samples.pixel_iou[:, k]) for k, name in enumerate(samples.pixels.names)},
        presence=presence([p for p in subject.photos if branch not in p.truth.coarse], branch, classes, lowest),
        confusion=confusion(samples.regions, classes, lowest),
        calibration=calibrate(
            [match_photo(regions, {}) for regions in samples.regions],
            [photo.truth.group for photo in photos],
            classes,
            lowest,
            subject.info.calibration.get(branch),
        ),
        slices=slice_report(photos, branch, lowest),
    )


def _split_note(split: str) -> list[str]:
    if split != TRAIN:
        return []
    return [f"Models learn from {TRAIN}: figures on it say what a model knows by heart, not how good it is."]


def _thresholds_note(subject: Subject, split: str) -> list[str]:
    if subject.thresholds_from == "these photos":
        return ["The thresholds were chosen on these very photos, which flatters every figure at the operating point."]
    if subject.info.once and subject.info.once.accurate is None:
        return ["The model has no thresholds for two looks: those in use are for one look, and strict for two."]
    if "split" not in subject.info.metrics:
        return ["The model does not say on which photos its thresholds were chosen."]
    if subject.info.metrics["split"] == split:
        return [
            f"The model's thresholds were chosen on {split}, which flatters every figure at the operating point on it."
        ]
    return []


def _views(photos: Sequence[JudgedPhoto], branch: str, classes: Sequence[str]) -> dict[str, APReport]:
    """AP in every view that says something else than the headline."""
    views = {}
    regions = [photo.regions(branch) for photo in photos]
    for name, relabel in (("sides_merged", MERGE_SIDES), ("tailgate_merged", MERGE_TRUNK_TAILGATE)):
        if any(relabel.get(label, label) != label for label in classes):
            views[name] = regions_ap(regions, branch, classes, relabel=relabel)
    if any(len(photo.given[branch]) != len(photo.drawn[branch]) for photo in photos):
        as_given = [
            PhotoRegions(photo.truth.width, photo.truth.height, photo.given[branch], photo.found[branch])
            for photo in photos
        ]
        views["as_given"] = regions_ap(as_given, branch, classes)
    return views


def headline_figures(reports: Mapping[str, APReport]) -> dict[str, float]:
    """Headline AP (0..1) by name, as a flat log wants it: "parts/mask_ap", "parts/mask_ap50", "parts/box_ap", ...

    A figure that has no ground truth is left out.
    """
    figures: dict[str, float] = {}
    for branch, report in reports.items():
        values = {"mask_ap": report.mask.ap, "mask_ap50": report.mask.ap50, "box_ap": report.box.ap}
        figures |= {f"{branch}/{name}": value for name, value in values.items() if value is not None}
    return figures
