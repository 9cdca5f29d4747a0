"""Many photos: one report, one line of JSON per assessment, a table of findings, COCO detections, overlays."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from crumple.assessment.assessment import Assessment
from crumple.assessment.coco import CocoFile
from crumple.assessment.numbers import counted
from crumple.assessment.pipeline import Assessor, printable
from crumple.assessment.read_ahead import read_ahead
from crumple.assessment.report import ReportEntry, SkippedPhoto, write_report
from crumple.assessment.writers import COLUMNS, OBJECT_COLUMNS, finding_rows, object_rows, write_overlay
from crumple.drawing.jpeg import jpeg
from crumple.errors import PhotoError
from crumple.files import write_aside
from crumple.photo_files import PhotoFile
from crumple.taxonomy import DAMAGE_BRANCH, PARTS_BRANCH


@dataclass
class Outcome:
    """What became of a run: photos assessed, photos skipped with the reason, and how many were not reached."""

    assessed: int = 0
    findings: int = 0
    skipped: list[SkippedPhoto] = field(default_factory=list)
    unreached: int = 0


def assess_many(
    assessor: Assessor,
    photos: Sequence[PhotoFile],
    out: Path,
    *,
    title: str,
    note: str | None = None,
    done: Callable[[PhotoFile, Assessment | PhotoError], None] = lambda photo, result: None,
    stop: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Assess `photos` into the folder `out`: index.html, assessments.jsonl, findings.csv, coco.json, overlays/.

    A model with further branches than parts and damage has an objects.csv too.
    A photo that cannot be read is named in the report and skipped. The files appear, all of them whole, at the end;
    an error on the way leaves those of an earlier run as they were.

    Args:
        title, note: of the report.
        done: called after each photo, with its assessment or with what was wrong with it.
        stop: asked before each photo; True ends the run early, with everything written for the photos so far.

    Raises PhotoError if not a single photo was assessed, OSError if `out` cannot be written.
    """
    outcome = Outcome()
    coco = CocoFile(assessor.thresholds)
    with _text_aside(out / "assessments.jsonl") as lines, _text_aside(out / "findings.csv") as rows:
        table = csv.DictWriter(rows, COLUMNS)
        table.writeheader()
        objects: list[dict[str, Any]] = []

        def entries() -> Iterator[ReportEntry]:
            decoded = read_ahead([file.path for file in photos])
            for position, (file, (photo, watch)) in enumerate(zip(photos, decoded, strict=True)):
                if stop():
                    outcome.unreached = len(photos) - position
                    outcome.skipped.append(SkippedPhoto(f"{outcome.unreached} more", "the run was stopped before them"))
                    break
                if isinstance(photo, PhotoError):
                    outcome.skipped.append(SkippedPhoto(printable(file.name), str(photo)))
                    done(file, photo)
                    continue
                assessment, detections = assessor.inspect(photo, name=file.name, watch=watch)
                overlay = assessment.plot()
                write_overlay(out / "overlays" / f"{file.stem}.jpg", overlay)
                lines.write(assessment.model_dump_json() + "\n")
                table.writerows(finding_rows(assessment))
                objects.extend(object_rows(assessment))
                coco.add_detections(assessment.photo, detections)
                outcome.assessed += 1
                outcome.findings += len(assessment.findings)
                done(file, assessment)
                yield ReportEntry(assessment, jpeg(photo.rgb), jpeg(np.asarray(overlay)))
            if not outcome.assessed:
                tried = counted(len(photos), "photo")
                raise PhotoError(f"of {tried} none was assessed, for the reasons given; nothing was written")

        write_report(out / "index.html", entries(), title=title, note=note, skipped=outcome.skipped)
        with _text_aside(out / "coco.json") as file:
            json.dump(coco.to_dict(), file)
        if set(assessor.thresholds) - {PARTS_BRANCH, DAMAGE_BRANCH}:
            with _text_aside(out / "objects.csv") as file:
                further = csv.DictWriter(file, OBJECT_COLUMNS)
                further.writeheader()
                further.writerows(objects)
    return outcome


@contextmanager
def _text_aside(path: Path) -> Iterator[IO[str]]:
    with write_aside(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        yield file
