"""An inspection as files: JSON, CSV, COCO for training."""

import csv
import io
from typing import Any

from crumple.assessment.coco import CocoFile
from crumple.assessment.writers import COLUMNS, finding_rows
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.contract.findings import ReviewedFinding
from crumple.serve.contract.images import Image
from crumple.taxonomy import DAMAGE_BRANCH

REVIEW_COLUMNS = ("origin", "review", "rejected_as", "edited", "notes")
ALL_COLUMNS = ("inspection", "reference", "image", "view", *COLUMNS, *REVIEW_COLUMNS)


def to_csv(document: InspectionDocument) -> str:
    """A row for every finding as it stands after review, rejected ones included."""
    text = io.StringIO()
    table = csv.DictWriter(text, ALL_COLUMNS)
    table.writeheader()
    for image in document.images:
        if image.assessment is None:
            continue
        rows = finding_rows(image.assessment.model_copy(update={"findings": image.findings}))
        for finding, row in zip(image.findings, rows, strict=True):
            row |= {"inspection": document.id, "reference": document.reference, "image": image.id}
            row["view"] = image.view
            row |= {
                "origin": finding.origin,
                "review": finding.review,
                "rejected_as": finding.rejected_as,
                "edited": " ".join(finding.edited),
                "notes": " / ".join(f"{note.author}: {note.text}" for note in finding.notes),
            }
            table.writerow({name: _inert(value) for name, value in row.items()})
    return text.getvalue()


def to_coco(document: InspectionDocument) -> dict[str, Any]:
    """Labels for training, from what people decided: damage that they confirmed, drew or changed.

    A photo is in it once everything on it was decided; one without findings, once its inspection's review is finished:
    an undecided finding would teach that there is nothing. The photos left out are named in info. Parts are not
    labels, since nobody reviewed them.
    """
    finished = document.review.state == "finished"
    decided = [image for image in document.images if _is_decided(image, finished)]
    thresholds = next((image.assessment.thresholds for image in decided if image.assessment), {})
    classes = list(thresholds.get(DAMAGE_BRANCH, {}))
    standing = {image.id: [one for one in image.findings if one.review != "rejected"] for image in decided}
    named = {finding.damage for findings in standing.values() for finding in findings}
    coco = CocoFile({DAMAGE_BRANCH: [*classes, *sorted(named - set(classes))]})
    for image in decided:
        if image.assessment:
            labels = [_label(finding) for finding in standing[image.id]]
            photo = image.assessment.photo.model_copy(update={"name": f"{image.id}.jpg"})
            coco.add_assessment(image.assessment.model_copy(update={"photo": photo, "parts": [], "findings": labels}))
    content = coco.to_dict()
    content["info"] = {
        "description": f"damage reviewed by people in inspection {document.id}",
        "left_out": [image.id for image in document.images if image not in decided],
    }
    return content


def _is_decided(image: Image, finished: bool) -> bool:
    undecided = any(finding.review == "open" for finding in image.findings)
    return image.status == "done" and not undecided and (finished or bool(image.findings))


def _label(finding: ReviewedFinding) -> ReviewedFinding:
    return finding.model_copy(update={"score": 1.0})  # a label is no guess


def _inert(value: Any) -> Any:
    """A spreadsheet would take such a text for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
