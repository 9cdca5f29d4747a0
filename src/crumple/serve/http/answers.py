"""An assessment in the form that the caller accepts: JSON, COCO, the overlay as a JPEG, or an HTML report."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from fastapi import Response

from crumple.assessment.assessment import Assessment
from crumple.assessment.coco import CocoFile
from crumple.assessment.report import ReportEntry, write_report
from crumple.drawing.jpeg import jpeg
from crumple.photo import decode_photo
from crumple.serve.contract.problems import ProblemError

JSON, COCO, JPEG, HTML = "application/json", "application/vnd.coco+json", "image/jpeg", "text/html"
# A report runs nothing and fetches nothing, whatever a file's name says.
REPORT_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
}
OFFERED = (JSON, JPEG, HTML, COCO)


def choose(accept: str | None) -> str:
    """The media type to answer with, by an Accept header (RFC 9110, 12.5.1). Raises ProblemError 406."""
    if not accept or not accept.strip():
        return JSON
    chosen = max(OFFERED, key=lambda offer: _quality(offer, accept))  # of equals the first
    if not _quality(chosen, accept):
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


def render(assessments: Sequence[Assessment], photos: Sequence[bytes], media_type: str) -> Response:
    """The answer for photos just assessed, given their files. JSON: of one photo its assessment, else a list."""
    if media_type == JSON:
        texts = [one.model_dump_json() for one in assessments]
        return Response(texts[0] if len(texts) == 1 else f"[{','.join(texts)}]", media_type=JSON)
    if media_type == COCO:
        coco = CocoFile(assessments[0].thresholds)
        for one in assessments:
            coco.add_assessment(one)
        return Response(json.dumps(coco.to_dict()), media_type=COCO)
    if media_type == JPEG:
        if len(assessments) != 1:
            raise ProblemError(406, "image/jpeg is of one photo; send one, or accept another type", field="Accept")
        data = BytesIO()
        assessments[0].plot(photos[0]).save(data, "JPEG", quality=90)
        return Response(data.getvalue(), media_type=JPEG)
    return Response(_html(assessments, photos), media_type=HTML, headers=REPORT_HEADERS)


def _html(assessments: Sequence[Assessment], photos: Sequence[bytes]) -> bytes:
    def entries() -> Iterator[ReportEntry]:
        for assessment, data in zip(assessments, photos, strict=True):
            rgb = decode_photo(data).rgb
            yield ReportEntry(assessment, jpeg(rgb), jpeg(assessment.plot(rgb)))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        write_report(path, entries(), title="Damage report")
        return path.read_bytes()
