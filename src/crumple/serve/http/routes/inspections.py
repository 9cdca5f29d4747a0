"""Inspections: several photos of one vehicle."""

from fastapi import APIRouter, Response

from crumple.serve.contract.inspections import Inspection, InspectionPage, NewInspection
from crumple.serve.contract.reviews import NewReview
from crumple.serve.http.routes.parameters import Cursor, InspectionId, Kept, Key, Limit

router = APIRouter(prefix="/v1/inspections", tags=["inspections"])


@router.post("", status_code=201, summary="Begin an inspection")
def create_inspection(kept: Kept, response: Response, new: NewInspection | None = None, key: Key = None) -> Inspection:
    """An inspection without photos yet."""
    made = kept.inspections.create(new or NewInspection(), key)
    response.headers["Location"] = f"/v1/inspections/{made.id}"
    return made


@router.get("", summary="List inspections")
def list_inspections(kept: Kept, cursor: Cursor = None, limit: Limit = 50) -> InspectionPage:
    """Newest first."""
    return kept.inspections.page(cursor, limit)


@router.get("/{inspection_id}", summary="Read an inspection")
def read_inspection(kept: Kept, inspection_id: InspectionId) -> Inspection:
    """With its images, without what was found on them."""
    return kept.inspections.get(inspection_id)


@router.delete("/{inspection_id}", status_code=204, summary="Delete an inspection with its photos and events")
def delete_inspection(kept: Kept, inspection_id: InspectionId) -> None:
    """For good."""
    kept.inspections.delete(inspection_id)
    kept.changes.tell(inspection_id)


@router.post("/{inspection_id}/review", summary="Finish the review, or open it again")
def review_inspection(kept: Kept, inspection_id: InspectionId, new: NewReview) -> Inspection:
    """A finished review takes no edits; finishing it tells the webhooks."""
    inspection, event = kept.edits.review(inspection_id, new)
    if event is not None:
        kept.changes.tell(inspection_id)
        kept.deliver()
    return inspection
