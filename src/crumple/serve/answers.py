"""An assessment in the form that the caller accepts: JSON, COCO, the overlay as a JPEG, or an HTML report."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fastapi import Response

from crumple.assess.assessment import Assessment
from crumple.assess.coco import CocoFile
from crumple.assess.report import ReportEntry, write_report
from crumple.drawing.jpeg import jpeg
from crumple.serve.engine import overlay_jpeg
from crumple.serve.problems import ProblemError

JSON, COCO, JPEG, HTML = "application/json", "application/vnd.coco+json", "image/jpeg", "text/html"
OFFERED = (JSON, JPEG, HTML, COCO)


def choose(accept: str | None) -> str:
    """The media type to answer with, by an Accept header (RFC 9110, 12.5.1). Raises ProblemError 406."""
    if not accept or not accept.strip():
        return JSON
    best: tuple[float, int] | None = None
    chosen = None
    for position, offer in enumerate(OFFERED):
        quality = _quality(offer, accept)
        if quality > 0 and (best is None or (quality, -position) > best):
            best, chosen = (quality, -position), offer
    if chosen is None:
        raise ProblemError(406, f"{accept}: none of {', '.join(OFFERED)}", field="Accept")
    return chosen


def _quality(offer: str, accept: str) -> float:
    """The q of the most specific range that `offer` falls under; 0: none."""
    found: tuple[int, float] = (-1, 0.0)
    for entry in accept.split(","):
        media, *parameters = (text.strip().lower() for text in entry.split(";"))
        exactness = 2 if media == offer else 1 if media == f"{offer.split('/')[0]}/*" else 0 if media == "*/*" else -1
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = min(1.0, max(0.0, float(parameter[2:])))
                except ValueError:
                    quality = 0.0
        if exactness >= 0 and exactness > found[0]:
            found = exactness, quality
    return found[1]


def render(assessments: Sequence[Assessment], media_type: str, *, alone: bool) -> Response:
    """The answer for photos just assessed. alone: JSON gives the one assessment itself, not a list of them."""
    if media_type == JSON:
        if alone:
            return Response(assessments[0].model_dump_json(), media_type=JSON)
        return Response(f"[{','.join(one.model_dump_json() for one in assessments)}]", media_type=JSON)
    if media_type == COCO:
        coco = CocoFile(assessments[0].thresholds)
        for one in assessments:
            coco.add_assessment(one)
        return Response(json.dumps(coco.to_dict()), media_type=COCO)
    if media_type == JPEG:
        if len(assessments) != 1:
            raise ProblemError(406, "image/jpeg is of one photo; send one, or accept another type", field="Accept")
        return Response(overlay_jpeg(assessments[0]), media_type=JPEG)
    return Response(_html(assessments), media_type=HTML)


def _html(assessments: Sequence[Assessment]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        entries = (
            ReportEntry(one, jpeg(one._pixels.rgb), jpeg(one.plot()))
            for one in assessments
            if one._pixels.rgb is not None
        )
        write_report(path, entries, title="Damage report")
        return path.read_bytes()
