"""All checks of a version, in one pass over its photos."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crumple import __version__
from crumple.detect.detector import Detector
from crumple.detect.model_info import ModelInfo
from crumple.errors import DataError
from crumple.files import file_sha256
from crumple.label.annotations import VersionPhoto
from crumple.label.check.against_model import LOWEST_SCORE, check_against_model
from crumple.label.check.agreement import Agreement, branches_drawn, check_agreement
from crumple.label.check.balance import ClassCount, class_counts
from crumple.label.check.duplicates import check_duplicates
from crumple.label.check.outlines import check_outlines
from crumple.label.check.placed import Placed, of_branch, place
from crumple.label.check.sides import check_sides
from crumple.label.check.vehicle import check_vehicle, find_vehicle
from crumple.label.draft import Drafter
from crumple.label.reporter import Reporter
from crumple.label.review import Review, ReviewItem
from crumple.label.versions.version import ANNOTATIONS, Version
from crumple.photo import decode_photo
from crumple.taxonomy import BRANCHES, DAMAGE_BRANCH, PARTS_BRANCH

CHECKED = "photos checked"


@dataclass
class Report:
    """What the checks say of a version.

    classes: how each is represented. agreement: by branch, where photos were labelled twice. no_vehicle: photos with
    damage of which too few parts are known to say where the vehicle is.
    """

    review: Review
    photos: int
    objects: int
    classes: list[ClassCount]
    agreement: dict[str, Agreement] = field(default_factory=dict)
    no_vehicle: int = 0

    def kinds(self) -> Counter[str]:
        """How many items there are of each kind, the kind with the highest score first."""
        return Counter(item.kind for item in self.review.items)


def check_version(
    version: Version,
    *,
    images: Path | None = None,
    detector: Detector | None = None,
    reporter: Reporter | None = None,
) -> Report:
    """Check all photos of a version.

    Args:
        images: the folder of its photos; needed with a detector alone.
        detector: None leaves out what needs a model.

    Raises DataError, or PhotoError when a photo cannot be decoded for the detector.
    """
    photos, reporter = version.photos, reporter or Reporter()
    if not photos:
        raise DataError(f"{version.folder}: holds no photo; there is nothing to check")
    drafter = Drafter(detector, shape="mask", threshold=LOWEST_SCORE) if detector else None
    if drafter and images is None:
        raise DataError(f"{version.folder}: does not say where its photos lie; give --images, or leave --model out")
    labelled = {one.label for photo in photos for one in photo.objects}
    branches = [branch for branch, classes in BRANCHES.items() if labelled & set(classes)]
    agreement: dict[str, Agreement] = {}
    drawn_by = branches_drawn(photos)
    items: list[ReviewItem] = []
    no_vehicle = 0
    reporter.begin(CHECKED, len(photos))
    for photo in photos:
        drawn = place(photo.objects, photo.height, photo.width)
        found = _find(drafter, images / photo.file_name, photo) if drafter and images else []
        vehicle = find_vehicle(photo, drawn, [one for one in found if detector and _sure_part(one, detector.info)])
        no_vehicle += vehicle is None and bool(of_branch(drawn, DAMAGE_BRANCH))
        items += [
            *check_outlines(photo, drawn),
            *check_duplicates(photo, drawn),
            *check_agreement(photo, drawn_by, agreement),
        ]
        items += check_sides(photo, of_branch(drawn, PARTS_BRANCH))
        if vehicle:
            items += check_vehicle(photo, drawn, vehicle)
        if detector:
            # Nobody could draw what the version has no name for: it is not missing.
            named = [one for one in found if one.label in version.names]
            for branch in branches:
                items += check_against_model(photo, drawn, named, detector.info, branch)
        reporter.advance(CHECKED)
    review = Review(
        version=version.folder.resolve().name,
        annotations_sha256=file_sha256(version.folder / ANNOTATIONS),
        model=f"{detector.info.name} {detector.info.version}" if detector else None,
        crumple=__version__,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        items=sorted(items, key=lambda item: (-item.score, item.file_name, item.kind)),
    )
    objects = sum(len(photo.objects) for photo in photos)
    return Report(review, len(photos), objects, class_counts(photos), agreement, no_vehicle)


def _find(drafter: Drafter, path: Path, photo: VersionPhoto) -> list[Placed]:
    rgb = decode_photo(path).rgb
    if rgb.shape[:2] != (photo.height, photo.width):
        size = f"{rgb.shape[1]}x{rgb.shape[0]}"
        raise DataError(f"{path}: has {size} pixels, its labels are for {photo.width}x{photo.height}; give --images")
    return place(drafter(rgb), photo.height, photo.width)


def _sure_part(one: Placed, info: ModelInfo) -> bool:
    return one.label in BRANCHES[PARTS_BRANCH] and one.score >= info.threshold(PARTS_BRANCH, one.label).upper
