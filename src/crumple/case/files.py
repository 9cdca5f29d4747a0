"""An inspection as files: JSON, a table, reports and pictures in one folder. All of them appear whole, at the end."""

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crumple.assessment.assessment import Assessment
from crumple.assessment.places import where
from crumple.assessment.writers import readable_json
from crumple.case.inspection import InspectedPhoto, Inspection
from crumple.case.report.content import CaseReport
from crumple.case.report.html import render_html
from crumple.case.report.index import IndexEntry, render_index
from crumple.case.report.pictures import Read, Redact, write_pictures
from crumple.case.report.wording import Audience
from crumple.files import write_aside

INSPECTION = "inspection.json"
COLUMNS = (
    *("damage", "type", "title", "parts", "where", "severity", "reason", "probability", "likelihood", "decision"),
    *("photos", "maybe_same", "text"),
)


def write_inspection(
    out: Path,
    inspection: Inspection,
    read: Read,
    *,
    assessments: Sequence[Assessment] | None = None,
    audience: Audience = "reviewer",
    facts: Sequence[tuple[str, str]] = (),
    embed: bool = False,
    redact: Redact | None = None,
    done: Callable[[InspectedPhoto], None] = lambda photo: None,
) -> None:
    """Write inspection.json, assessments.jsonl, damages.csv, report.html, report.pdf and pictures/ into `out`.

    An error on the way leaves the files of an earlier run as they were.

    Args:
        read: gives a photo's path, bytes or pixels; each photo is read once, and one at a time.
        assessments: of the photos, in their order; None: those that the inspection was made from.
        audience, facts: see `CaseReport`.
        embed: put the pictures into report.html, so that it can be sent alone; there is no pictures/ then.
        redact: what to do to every photo before it is shown, such as blurring plates.
        done: called after each photo, whose pictures are then made.

    Raises PhotoError if a photo cannot be read, OSError if `out` cannot be written.
    """
    told = inspection.assessments if assessments is None else assessments
    report = CaseReport(inspection, told, audience, facts)
    from crumple.case.report.pdf import write_pdf  # ReportLab takes a while to import

    with _appearing_in(out) as folder:
        write_pictures(folder, report, read, redact=redact, done=done)
        _write(folder / INSPECTION, readable_json(inspection) + "\n")
        _write(folder / "assessments.jsonl", "".join(f"{one.model_dump_json()}\n" for one in told))
        with (folder / "damages.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(damage_rows(report))
        _write(folder / "report.html", render_html(report, embed=folder if embed else None))
        write_pdf(folder / "report.pdf", report, folder)
        if embed:
            shutil.rmtree(folder / "pictures")


def read_inspection(folder: Path) -> Inspection | None:
    """What `write_inspection` wrote into `folder`; None: there is none, or not one that this version reads."""
    try:
        return Inspection.model_validate_json((folder / INSPECTION).read_bytes())
    except (OSError, ValueError):
        return None


def write_index(out: Path, entries: Sequence[IndexEntry], *, title: str = "Damage reports") -> None:
    """Write index.html over the vehicles whose folders are in `out`; see `index_entry`."""
    with write_aside(out / "index.html") as path:
        _write(path, render_index(entries, title=title))


def damage_rows(report: CaseReport) -> list[dict[str, Any]]:
    """One row per damage, with the keys of COLUMNS; photos and maybe_same are numbers and ids with spaces between."""
    return [
        {
            "damage": row.damage.id,
            "type": row.damage.damage,
            "title": row.damage.title,
            "parts": " ".join(place.label for place in row.damage.on),
            "where": where(row.damage.on),
            "severity": row.damage.severity,
            "reason": row.damage.reason,
            "probability": row.damage.probability,
            "likelihood": row.damage.likelihood,
            "decision": row.damage.decision,
            "photos": " ".join(str(sight.photo.number) for sight in row.sights),
            "maybe_same": " ".join(other.damage for other in row.damage.maybe_same),
            "text": row.damage.text,
        }
        for row in report.rows
    ]


@contextmanager
def _appearing_in(out: Path) -> Iterator[Path]:
    """A hidden folder in `out`. What is in it takes its place in `out` when the block ends well; else it goes."""
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=out, prefix=".inspection."))
    try:
        yield folder
        old = Path(tempfile.mkdtemp(dir=folder))
        # A page never refers to pictures that are not there yet.
        for new in sorted((path for path in folder.iterdir() if path != old), key=lambda path: not path.is_dir()):
            place = out / new.name
            if place.is_dir() and not place.is_symlink():
                place.rename(old / new.name)
            new.replace(place)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        for empty in made:
            try:
                empty.rmdir()
            except OSError:
                break
        raise
    shutil.rmtree(folder)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
