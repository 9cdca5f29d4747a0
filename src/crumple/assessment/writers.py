"""An assessment on disk: JSON that a person can read, an overlay picture, rows of a table. Nothing half-written."""

import os
import re
from typing import Any

from PIL import Image
from pydantic import BaseModel

from crumple.assessment.assessment import Assessment
from crumple.assessment.places import where
from crumple.files import write_aside

COLUMNS = (
    *("photo", "finding", "damage", "title", "likelihood", "threshold", "severity", "probability", "score"),
    *("parts", "where", "place_probability"),
    *("share_of_damage", "share_of_part", "area_share", "vehicle_share", "left", "top", "right", "bottom"),
    *("reason", "hint", "text"),
)

OBJECT_COLUMNS = (
    *("photo", "object", "branch", "label", "title", "score", "area_share"),
    *("left", "top", "right", "bottom"),
)

# An indented list of nothing but numbers: a box, a size, a polygon. No text can match, JSON text has no line breaks.
_NUMBERS = re.compile(r"\[\n\s*(-?\d[^\[\]{}\"]*?)\n\s*\]")


def write_assessment(path: str | os.PathLike[str], assessment: Assessment) -> None:
    """Write one assessment as indented JSON, with each list of numbers on one line."""
    with write_aside(path) as temporary:
        temporary.write_text(readable_json(assessment) + "\n", encoding="utf-8")


def readable_json(value: BaseModel) -> str:
    """Indented JSON, with each list of numbers on one line."""
    return _NUMBERS.sub(lambda match: f"[{' '.join(match[1].split())}]", value.model_dump_json(indent=2))


def write_overlay(path: str | os.PathLike[str], overlay: Image.Image) -> None:
    """Write what `Assessment.plot` gave as a JPEG."""
    with write_aside(path) as temporary:
        overlay.save(temporary, "JPEG", quality=90)


def finding_rows(assessment: Assessment) -> list[dict[str, Any]]:
    """One row per finding, with the keys of COLUMNS; the shares are those of its most probable place."""
    rows = []
    for finding in assessment.findings:
        left, top, right, bottom = finding.box
        main = finding.on[0] if finding.on else None
        rows.append(
            {
                "photo": assessment.photo.name,
                "finding": finding.id,
                "damage": finding.damage,
                "title": finding.title,
                "likelihood": finding.likelihood,
                "threshold": finding.threshold,
                "severity": finding.severity,
                "probability": finding.probability,
                "score": finding.score,
                "parts": " ".join(place.label for place in finding.on),
                "where": where(finding.on),
                "place_probability": main.probability if main else None,
                "share_of_damage": main.share_of_damage if main else None,
                "share_of_part": main.share_of_part if main else None,
                "area_share": finding.area_share,
                "vehicle_share": finding.vehicle_share,
                "left": left,
                "top": top,
                "right": right,
                "bottom": bottom,
                "reason": finding.reason,
                "hint": finding.hint,
                "text": finding.text,
            }
        )
    return rows


def object_rows(assessment: Assessment) -> list[dict[str, Any]]:
    """One row per object of a branch besides parts and damage, with the keys of OBJECT_COLUMNS."""
    return [
        {"photo": assessment.photo.name, "object": one.id}
        | {name: getattr(one, name) for name in ("branch", "label", "title", "score", "area_share")}
        | dict(zip(("left", "top", "right", "bottom"), one.box, strict=True))
        for one in assessment.objects
    ]
