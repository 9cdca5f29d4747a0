"""An evaluation: all that is known about how good a model is, from photos that are judged already."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from crumple import __version__
from crumple.dataset.leak_records import LeakAudit
from crumple.evaluate.judged.photos import JudgedPhoto
from crumple.evaluate.judged.regions import PhotoRegions
from crumple.evaluate.measures.agreement import Agreement, agreement
from crumple.evaluate.measures.alarms import CleanCarAlarms, SetAlarms, clean_car_alarms, set_alarms
from crumple.evaluate.measures.average_precision import APReport, Kind, ap_report, regions_ap
from crumple.evaluate.measures.bootstrap import Estimate, estimate
from crumple.evaluate.measures.calibration import CalibrationReport, calibrate
from crumple.evaluate.measures.confusion import Confusion, confusion
from crumple.evaluate.measures.error_types import ErrorTypes, error_types
from crumple.evaluate.measures.matching import match_photo
from crumple.evaluate.measures.operating_point import OperatingPoint, operating_point
from crumple.evaluate.measures.photo_shares import photo_shares
from crumple.evaluate.measures.pixels import PixelReport, pixel_report
from crumple.evaluate.measures.presence import DamageAnywhere, PresenceReport, damage_anywhere, presence
from crumple.evaluate.measures.score_curve import ScoreCurve, score_curve
from crumple.evaluate.measures.slices import SliceReport, slice_report
from crumple.evaluate.measures.weighted_ap import APIntervals, ap_intervals
from crumple.evaluate.places.by_set import SetPlaces
from crumple.evaluate.subject import Scope, Subject
from crumple.evaluate.tuning.thresholds import Thresholds
from crumple.taxonomy import DAMAGE_BRANCH, MERGE_SIDES, MERGE_TRUNK_TAILGATE

TRAIN = "train"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvaluatedModel(_Record):
    """Which model was measured."""

    name: str
    version: str
    sha256: str


class BranchEvaluation(_Record):
    """One branch on the sets that are labelled for it; or, `apart`, on one of them that is judged by itself.

    headline: AP with classes as they are, annotations that hold several objects (merged wheels) split into one each.
    views: the same detections judged otherwise: "sides_merged", "tailgate_merged" (with trunk), "as_given" (unsplit).
    intervals: of the headline's AP, by kind ("mask", "box").
    curves: by class. pixel_intervals: pixel IoU by class, and of "any" class.
    Everything but AP (also that of errors), curves and calibration is at the operating point: of what an assessment
    reports, which is what reaches the lower threshold of its class, each damage told once.
    """

    @property
    def name(self) -> str:
        """ "damage", or of a set that is judged by itself "damage of web"."""
        return f"{self.branch} of {self.sets[0]}" if self.apart else self.branch

    branch: str
    apart: bool
    sets: tuple[str, ...]
    headline: APReport
    views: dict[str, APReport]
    intervals: dict[Kind, APIntervals]
    operating: OperatingPoint
    agreement: Agreement
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
        were chosen on the photos that are judged with them, which flatters every figure at the operating point,
        "defaults" where the model has none, and those are judged that an assessment then uses.
    notes: what a reader must know, in sentences. places: by set, where damage is said to be; empty for a model that
        names no places. alarms: by set, on how many photos damage is reported. photo_shares: see there. These two are
        empty for a model without damage.
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
    places: tuple[SetPlaces, ...]
    alarms: tuple[SetAlarms, ...]
    branches: tuple[BranchEvaluation, ...]
    damage_anywhere: DamageAnywhere | None
    photo_shares: dict[str, Estimate]
    clean_cars: CleanCarAlarms | None


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
    info, photos, reported = subject.info, subject.photos, subject.reported
    damage = DAMAGE_BRANCH in [branch.name for branch in info.branches]
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
        places=tuple(one.report() for one in subject.places),
        alarms=set_alarms(reported, subject.weights, subject.held_out_alarms) if damage else (),
        branches=tuple(evaluate_scope(subject, scope) for scope in subject.scopes()),
        damage_anywhere=damage_anywhere(photos, subject.lowest(DAMAGE_BRANCH)) if damage else None,
        photo_shares=(
            {name: estimate(samples) for name, samples in photo_shares(reported, subject.weights).items()}
            if damage
            else {}
        ),
        clean_cars=(
            clean_car_alarms(reported, info.branch(DAMAGE_BRANCH).classes, subject.thresholds.get(DAMAGE_BRANCH, {}))
            if damage
            else None
        ),
    )


def evaluate_scope(subject: Subject, scope: Scope) -> BranchEvaluation:
    """Every figure of one branch, on one of its sets or on several."""
    samples, branch = subject.samples[scope], scope.branch
    at = subject.positions(scope)
    photos, reported = ([side[i] for i in at] for side in (subject.photos, subject.reported))
    classes = samples.classes
    known = reported if scope.apart else [p for p in subject.reported if branch not in p.truth.apart]
    return BranchEvaluation(
        branch=branch,
        apart=scope.apart is not None,
        sets=tuple(dict.fromkeys(photo.truth.sets[branch] for photo in photos)),
        headline=ap_report(branch, samples.coco),
        views=_views(photos, branch, classes),
        intervals={kind: ap_intervals(ap) for kind, ap in samples.ap.items()},
        operating=operating_point(samples.matches, classes, samples.weights),
        agreement=agreement(samples.met, classes, samples.weights, branch),
        errors=error_types(samples.regions, samples.matches, classes),
        curves={label: score_curve(samples.regions, label) for label in classes},
        pixels=pixel_report(samples.pixels),
        pixel_intervals={name: estimate(samples.pixel_iou[:, k]) for k, name in enumerate(samples.pixels.names)},
        presence=presence([p for p in known if p.truth.in_our_words(branch)], branch, classes, {}),
        confusion=confusion(samples.reported, classes, {}),
        calibration=calibrate(
            [match_photo(regions, {}) for regions in samples.regions],
            [photo.truth.group for photo in photos],
            classes,
            subject.lowest(branch),
            subject.info.calibration.get(branch),
        ),
        slices=slice_report(reported, branch, {}),
    )


def _split_note(split: str) -> list[str]:
    if split != TRAIN:
        return []
    return [f"Models learn from {TRAIN}: figures on it say what a model knows by heart, not how good it is."]


def _thresholds_note(subject: Subject, split: str) -> list[str]:
    if subject.thresholds_from == "these photos":
        return ["The thresholds were chosen on these very photos, which flatters every figure at the operating point."]
    if subject.thresholds_from == "defaults":
        return [
            "The model has no thresholds: the figures at the operating point are for the defaults, as `crumple assess` "
            "uses them; --set-thresholds chooses its own."
        ]
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
            PhotoRegions(one.width, one.height, photo.given[branch], one.found)
            for photo, one in zip(photos, regions, strict=True)
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
