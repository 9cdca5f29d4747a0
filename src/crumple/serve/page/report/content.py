"""What both reports show, in their order: facts, summary, photos with findings, edits, how it was made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from crumple.assessment.assessment import Assessment
from crumple.assessment.severity import WORST_FIRST
from crumple.drawing.jpeg import jpeg
from crumple.photo import decode_photo
from crumple.serve.contract.events import Event
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.images import Image
from crumple.serve.page.report import wording
from crumple.serve.page.report.overlay import reviewed_overlay

ReadPhoto = Callable[[str], bytes]  # of an image's id: its photo as it is kept. Raises PhotoError, StorageError

MAX_SIDE = 1400  # pixels of a picture's longer side: 8 cm at 400 dots per inch


@dataclass(frozen=True)
class NumberedFinding:
    """A finding with its number on the photo."""

    number: int
    finding: ReviewedFinding


@dataclass(frozen=True)
class PhotoSection:
    """One photo of the report, its pictures as JPEG files."""

    number: int
    image: Image
    photo: bytes
    overlay: bytes

    @property
    def findings(self) -> list[NumberedFinding]:
        """Those that count."""
        return [one for one in numbered(self.image) if one.finding.review != "rejected"]

    @property
    def rejected(self) -> list[NumberedFinding]:
        """Those that a reviewer took off the list."""
        return [one for one in numbered(self.image) if one.finding.review == "rejected"]


@dataclass(frozen=True)
class EditLine:
    """One edit in words. photo: its number; 0: the inspection as a whole. change: before and after, if they differ."""

    event: Event
    photo: int
    words: str
    change: tuple[str, str] | None


@dataclass(frozen=True)
class Content:
    """The report of one inspection; `photos()` makes its pictures one by one."""

    document: InspectionDocument
    read: ReadPhoto

    @property
    def title(self) -> str:
        inspection = self.document
        name = inspection.reference or inspection.vehicle.plate
        return f"Inspection report: {name}" if name else "Inspection report"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Names and values about the inspection."""
        inspection = self.document
        vehicle = inspection.vehicle
        known = [
            ("Reference", inspection.reference),
            ("Plate", vehicle.plate),
            ("VIN", vehicle.vin),
            ("Vehicle", " ".join(word for word in (vehicle.make, vehicle.model) if word)),
            *((str(key), str(value)) for key, value in inspection.metadata.items()),
            ("Inspection", inspection.id),
            ("Opened", wording.time_in_words(inspection.created_at)),
            ("Photos", str(len(self.document.images))),
            ("Review", self.review),
        ]
        return [(name, value) for name, value in known if value]

    @property
    def finished(self) -> bool:
        return self.document.review.state == "finished"

    @property
    def review(self) -> str:
        review = self.document.review
        if review.state == "finished":
            return f"finished by {review.author or 'somebody'}, {wording.time_in_words(review.at)}"
        return "not finished"

    @property
    def summary(self) -> list[tuple[int, NumberedFinding]]:
        """All findings that count with their photo's number, the worst first."""
        found = [
            (i, one)
            for i, image in enumerate(self.document.images, start=1)
            for one in numbered(image)
            if one.finding.review != "rejected"
        ]
        return sorted(found, key=lambda row: WORST_FIRST.index(row[1].finding.severity))

    def photos(self) -> Iterator[PhotoSection]:
        """The photos in the order in which they came."""
        for i, image in enumerate(self.document.images, start=1):
            rgb = decode_photo(self.read(image.id)).rgb
            overlay = reviewed_overlay(image, rgb)
            yield PhotoSection(i, image, jpeg(rgb, max_side=MAX_SIDE), jpeg(overlay, max_side=MAX_SIDE))

    @property
    def edits(self) -> list[EditLine]:
        """Every edit, in order."""
        events = self.document.events
        numbers = {image.id: i for i, image in enumerate(self.document.images, start=1)}
        lines = []
        for event in events:
            change = wording.brief(event.before), wording.brief(event.after)
            shown = change if change[0] != change[1] else None
            lines.append(EditLine(event, numbers.get(event.image_id or "", 0), wording.said(event, events), shown))
        return lines

    @cached_property
    def assessments(self) -> list[Assessment]:
        """One assessment for each model and set of thresholds that took part: nearly always one."""
        different: dict[str, Assessment] = {}
        for image in self.document.images:
            if image.assessment is not None:
                thresholds = image.assessment.thresholds
                key = f"{image.assessment.model!r} {thresholds!r} {image.assessment.min_score}"
                different.setdefault(key, image.assessment)
        return list(different.values())


def numbered(image: Image) -> list[NumberedFinding]:
    """The findings with the numbers that the page shows."""
    return [NumberedFinding(i, finding) for i, finding in enumerate(image.findings, start=1)]
