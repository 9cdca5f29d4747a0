"""Inspections: several photos of one vehicle."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from crumple.assessment.assessment import Severity
from crumple.serve.contract.base import Short, Time
from crumple.serve.contract.damages import DamageEdit, EditedDamages
from crumple.serve.contract.inspections import Inspection, InspectionChanges, InspectionPage, NewInspection
from crumple.serve.contract.reviews import NewReview, ReviewState
from crumple.serve.http.routes.parameters import Cursor, InspectionId, Kept, Key, Limit
from crumple.serve.store.inspections import Search

router = APIRouter(prefix="/v1/inspections", tags=["inspections"])


@router.post("", status_code=201, summary="Begin an inspection")
def create_inspection(kept: Kept, response: Response, new: NewInspection | None = None, key: Key = None) -> Inspection:
    """An inspection without photos yet."""
    made = kept.inspections.create(new or NewInspection(), key)
    response.headers["Location"] = f"/v1/inspections/{made.id}"
    return made


@router.get("", summary="List inspections")
def list_inspections(
    kept: Kept,
    q: Annotated[Short | None, Query(description="part of reference, plate, VIN, make or model, in any case")] = None,
    state: Annotated[ReviewState | None, Query(description="of the review")] = None,
    severity: Annotated[Severity | Literal["none"] | None, Query(description="the worst of its damages")] = None,
    since: Annotated[Time | None, Query(description="made then or later; UTC, or with an offset")] = None,
    until: Annotated[Time | None, Query(description="made before")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> InspectionPage:
    """Newest first, in short. What is asked for must all be so."""
    return kept.inspections.page(Search(q, state, severity, since, until), cursor, limit)


@router.get("/{inspection_id}", summary="Read an inspection")
def read_inspection(kept: Kept, inspection_id: InspectionId) -> Inspection:
    """With its images, and what they add up to: damages, panels, totals."""
    return kept.inspections.get(inspection_id)


@router.patch("/{inspection_id}", summary="Change what is said of an inspection")
def change_inspection(
    kept: Kept,
    inspection_id: InspectionId,
    changes: InspectionChanges,
    author: Annotated[Short, Query(description="who changes it")] = "not named",
) -> Inspection:
    """What is left away stays as it is; null clears. The event `particulars_changed` records what changed."""
    changed = kept.inspections.change(inspection_id, changes, author)
    kept.changes.tell(inspection_id)
    return changed


@router.delete("/{inspection_id}", status_code=204, summary="Delete an inspection with its photos and events")
def delete_inspection(kept: Kept, inspection_id: InspectionId) -> None:
    """For good."""
    kept.inspections.delete(inspection_id)
    kept.changes.tell(inspection_id)


@router.post("/{inspection_id}/review", summary="Finish the review, or open it again")
def review_inspection(kept: Kept, inspection_id: InspectionId, new: NewReview) -> Inspection:
    """A finished review takes no edits; finishing it tells the webhooks.

    Damages that nobody decided on are told by 409, unless `undecided` says what becomes of them.
    """
    inspection, events = kept.edits.review(inspection_id, new)
    if events:
        kept.changes.tell(inspection_id)
        kept.deliver()
    return inspection


@router.post("/{inspection_id}/events", status_code=201, tags=["review"], summary="Edit damages")
def edit_damages(kept: Kept, inspection_id: InspectionId, edit: DamageEdit, key: Key = None) -> EditedDamages:
    """Confirm, reject, relabel, place, severity, merge, split or undo; several damages at a time, all or none."""
    edited = kept.edits.edit_damages(inspection_id, edit, key)
    kept.changes.tell(inspection_id)
    return edited
