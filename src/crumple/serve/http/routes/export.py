"""An inspection in the forms in which it goes on: to programs, tables, training and people."""

import json
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from crumple.errors import MissingExtraError
from crumple.serve.contract.export import InspectionDocument
from crumple.serve.http.answers import COCO, HTML, JSON, REPORT_HEADERS
from crumple.serve.http.exports import to_coco, to_csv
from crumple.serve.http.routes.parameters import InspectionId, Kept

router = APIRouter(prefix="/v1/inspections/{inspection_id}", tags=["inspections"])


class Format(StrEnum):
    """Formats of an export."""

    JSON = "json"
    CSV = "csv"
    COCO = "coco"
    HTML = "html"
    PDF = "pdf"


MEDIA_TYPES = {
    Format.JSON: JSON,
    Format.CSV: "text/csv",
    Format.COCO: COCO,
    Format.PDF: "application/pdf",
}
_TEXT = {"schema": {"type": "string"}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the file",
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/InspectionDocument"}},
            COCO: {"schema": {"type": "object"}},
            "text/csv": _TEXT,
            HTML: _TEXT,
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get("/export", summary="The inspection as a file", response_class=Response, responses=_ANSWERS)
def export_inspection(
    kept: Kept, inspection_id: InspectionId, wanted: Annotated[Format, Query(alias="format")] = Format.JSON
) -> Response:
    """JSON: all of it. CSV: a row for each finding. COCO: reviewed labels for training. HTML, PDF: the report."""
    document = kept.inspections.document(inspection_id)
    content: str | bytes
    if wanted is Format.JSON:
        content = document.model_dump_json()
    elif wanted is Format.CSV:
        content = to_csv(document)
    elif wanted is Format.COCO:
        content = json.dumps(to_coco(document))
    else:
        content = _report(kept, document, wanted)
    if wanted is Format.HTML:
        return Response(content, media_type=HTML, headers=REPORT_HEADERS)
    suffix = "coco.json" if wanted is Format.COCO else wanted
    headers = {"Content-Disposition": f'attachment; filename="{inspection_id}.{suffix}"'}
    return Response(content, media_type=MEDIA_TYPES[wanted], headers=headers)


def _report(kept: Kept, document: InspectionDocument, wanted: Format) -> str | bytes:
    try:
        from crumple.serve.page.report import render_html, render_pdf
    except ImportError as error:
        raise MissingExtraError(error.name or "reportlab", "serve") from None

    def read(image_id: str) -> bytes:
        return kept.inspections.photo(document.id, image_id)

    with kept.photos.decoding:
        return render_html(document, read) if wanted is Format.HTML else render_pdf(document, read)
