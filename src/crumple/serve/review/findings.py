"""What people made of the model's findings: events in, findings as they stand out. The model's answer never changes.

An edit that is undone is as if it had never been, in the findings; among the events it stays. An undo can be undone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pycocotools import mask as coco_mask

from crumple.assessment.assessment import Assessment, Finding, Mask, Place
from crumple.assessment.findings import describe_findings
from crumple.assessment.severity import Rules
from crumple.dataset.segmentation import Complaint, read_polygons
from crumple.detect.masks import Patch
from crumple.serve.contract.events import Event
from crumple.serve.contract.findings import Note, ReviewedFinding
from crumple.serve.contract.problems import ProblemError
from crumple.serve.review.places import patch_of, places_after, places_of_new, seen_by_person
from crumple.taxonomy import DAMAGE_BRANCH, DAMAGES

# What an edit of a kind changes.
EDITED = {"relabel": "damage", "place": "place", "redraw": "mask"}


class Reviewer:
    """Applies events to assessments; severities of what people draw or rename come from `rules`."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def findings(self, assessment: Assessment, events: Iterable[Event]) -> list[ReviewedFinding]:
        """The findings as they stand after the events of one image, in order: the model's first, then those drawn."""
        events = list(events)
        findings = {finding.id: ReviewedFinding(**dict(finding)) for finding in assessment.findings}
        taken_back = undone(events)
        for event in events:
            if event.kind != "undo" and event.id not in taken_back:
                changed = self.apply(assessment, findings.get(finding_of(event)), event)
                findings[changed.id] = changed
        return list(findings.values())

    def apply(self, assessment: Assessment, finding: ReviewedFinding | None, event: Event) -> ReviewedFinding:
        """One finding after one event that is no undo. Raises ProblemError naming the field that cannot be."""
        if event.kind == "add":
            damage, mask = str(event.damage), _mask(assessment, event.polygons or [])
            drawn = self._describe(assessment, damage, mask, places_of_new(assessment, damage, mask))
            changes: dict[str, Any] = {"id": finding_of(event), "origin": "reviewer", "score": None}
            finding = ReviewedFinding(**dict(drawn) | changes | {"review": "confirmed"})
        if finding is None:
            raise ProblemError(404, f"the image has no {event.finding_id}", field="finding_id")
        if event.kind == "confirm":
            changes = {"review": "confirmed", "rejected_as": None}
        elif event.kind == "reject":
            changes = {"review": "rejected", "rejected_as": event.reason}
        elif event.kind in EDITED:
            damage = event.damage or finding.damage
            mask = _mask(assessment, event.polygons) if event.polygons else finding.mask
            where = places_after(assessment, finding, damage, mask, event)
            edited = EDITED[event.kind]
            changes = dict(self._describe(assessment, damage, mask, where))
            if edited != "damage":  # the model's guess is about the type that it named
                changes |= {name: getattr(finding, name) for name in ("probability", "likelihood", "threshold")}
            changes |= {
                "id": finding.id,
                "score": finding.score,
                "edited": sorted({*finding.edited, edited}),
                "review": "confirmed",
                "rejected_as": None,
            }
        else:
            changes = {}
        if event.text is not None:
            note = Note(text=event.text, author=event.author, at=event.at)
            changes["notes"] = [*finding.notes, note]
        return finding.model_copy(update=changes)

    def _describe(self, assessment: Assessment, damage: str, mask: Mask, where: Sequence[Place]) -> Finding:
        """Shares, severity and sentence, as the model's own findings have them."""
        known = {*assessment.thresholds.get(DAMAGE_BRANCH, {}), *DAMAGES}
        if damage not in known:
            raise ProblemError(422, f"{damage}: is none of {', '.join(sorted(known))}", field="damage")
        seen = seen_by_person(damage, mask)
        return describe_findings(
            [seen],
            [where],
            assessment.parts,
            Patch.union(patch_of(part.mask) for part in assessment.parts),
            None,
            lambda label, score: None,
            self._rules,
            assessment.photo.width * assessment.photo.height,
        )[0]


def finding_of(event: Event) -> str:
    """The finding that an event is about; one that is drawn is called after its event."""
    return f"added-{event.number}" if event.kind == "add" else str(event.finding_id)


def undone(events: Sequence[Event]) -> set[str]:
    """Ids of the events that are taken back. The last word counts, so they are read from the end."""
    taken_back: set[str] = set()
    for event in reversed(events):
        if event.kind == "undo" and event.id not in taken_back:
            taken_back.add(str(event.undoes))
    return taken_back


def _mask(assessment: Assessment, polygons: list[list[float]]) -> Mask:
    """What a person drew, on the photo's pixels. Raises ProblemError for what lies off the photo or covers nothing."""
    height, width = assessment.photo.height, assessment.photo.width
    try:
        drawn = [points.ravel().tolist() for points in read_polygons(polygons, height, width)]
    except Complaint as error:
        raise ProblemError(
            422, error.reason, field=error.field.replace("segmentation", "polygons").replace("[", ".").rstrip("]")
        ) from None
    runs = coco_mask.merge(coco_mask.frPyObjects(drawn, height, width))
    if not coco_mask.area(runs):
        raise ProblemError(422, "covers no pixel of the photo", field="polygons")
    return Mask(size=(height, width), counts=runs["counts"].decode("ascii"), polygons=drawn)
