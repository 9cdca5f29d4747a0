"""The HTML report: one file that opens from disk, with the pictures inside it and nothing fetched from anywhere.

Photos are written as they come, so that a report of thousands never holds more than one photo in memory.
"""

import base64
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import IO, TYPE_CHECKING

from jinja2 import Environment
from markupsafe import Markup
from PIL import Image

from crumple import __version__
from crumple.assessment.likelihood import SUREST_FIRST, THE_SCALE, Likelihood, how_many_real
from crumple.assessment.numbers import percent
from crumple.assessment.places import NOT_IDENTIFIED, known
from crumple.assessment.severity import WORST_FIRST
from crumple.colours import css, damage_colour, part_colour
from crumple.files import write_aside
from crumple.pages import page_templates
from crumple.taxonomy import title as in_words

if TYPE_CHECKING:
    from crumple.assessment.assessment import Assessment

THUMBNAIL = (132, 88)  # pixels, at most


@dataclass(frozen=True)
class ReportEntry:
    """One assessed photo: the assessment, the photo and its overlay, both as JPEG files (see `jpeg`).

    numbers: of the findings, as the overlay has them; None: 1, 2, 3 ...
    """

    assessment: "Assessment"
    photo_jpeg: bytes
    overlay_jpeg: bytes
    numbers: Sequence[int] | None = None


@dataclass(frozen=True)
class SkippedPhoto:
    """A photo that could not be assessed, and why, in one line."""

    name: str
    reason: str


@dataclass
class Summary:
    """What the photos written so far add up to."""

    rows: list[dict[str, object]] = field(default_factory=list)
    damaged: int = 0
    warned: int = 0
    likelihoods: Counter[Likelihood] = field(default_factory=Counter)
    severe: int = 0
    by_damage: dict[str, Counter[Likelihood]] = field(default_factory=dict)
    first: "Assessment | None" = None

    @property
    def most(self) -> int:
        """Findings of the most frequent damage type."""
        return max((counts.total() for counts in self.by_damage.values()), default=0)

    def add(self, entry: ReportEntry) -> int:
        """Count one photo; its number, from 1."""
        assessment = entry.assessment
        counts = Counter(finding.likelihood for finding in assessment.findings)
        likely = {finding.severity for finding in assessment.findings if finding.likelihood == "likely"}
        severities = likely or {finding.severity for finding in assessment.findings}
        self.first = self.first or assessment
        self.damaged += counts["likely"] > 0
        self.warned += bool(assessment.warnings)
        self.likelihoods += counts
        for finding in assessment.findings:
            self.by_damage.setdefault(finding.damage, Counter())[finding.likelihood] += 1
            self.severe += finding.severity == "severe" and finding.likelihood == "likely"
        self.rows.append(
            {
                "name": assessment.photo.name,
                "counts": counts,
                "likely": bool(likely),
                "worst": next((severity for severity in WORST_FIRST if severity in severities), None),
                "warnings": [in_words(check.name) for check in assessment.warnings],
                "thumbnail": thumbnail(entry.overlay_jpeg),
            }
        )
        return len(self.rows)


def write_report(
    path: str | os.PathLike[str],
    entries: Iterable[ReportEntry],
    *,
    title: str,
    note: str | None = None,
    skipped: Iterable[SkippedPhoto] = (),
) -> None:
    """Write the report of many photos as one HTML file.

    Args:
        path: where to; written aside, then renamed.
        entries: read one by one and not kept, so it may be a generator that assesses as it goes.
        title: heading and title of the page.
        note: a remark shown above everything else.
        skipped: read after the last entry, so the caller may still be adding to it while `entries` runs.
    """
    summary = Summary()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as sections:
        for entry in entries:
            number = summary.add(entry)
            section = (
                templates()
                .get_template("photo.html")
                .render(
                    number=number,
                    a=entry.assessment,
                    numbers=entry.numbers or range(1, len(entry.assessment.findings) + 1),
                    photo=base64.b64encode(entry.photo_jpeg).decode("ascii"),
                    overlay=base64.b64encode(entry.overlay_jpeg).decode("ascii"),
                )
            )
            sections.write(section)
        sections.seek(0)
        page = (
            templates()
            .get_template("report.html")
            .generate(
                title=title,
                note=note,
                summary=summary,
                skipped=[(photo.name, photo.reason.split(f"{photo.name}: ")[-1]) for photo in skipped],  # names it once
                sections=chunks(sections),
                first=summary.first,
                version=__version__,
                made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
            )
        )
        with write_aside(path) as target, target.open("w", encoding="utf-8") as file:
            file.writelines(page)


def counted_likelihoods(counts: Counter[Likelihood]) -> str:
    """ "3 likely, 1 doubtful"; empty without any."""
    return ", ".join(f"{counts[word]} {word}" for word in SUREST_FIRST if counts[word])


def thumbnail(jpeg_file: bytes) -> str:
    """A small JPEG of a JPEG, as base64."""
    picture = Image.open(BytesIO(jpeg_file))
    picture.draft("RGB", THUMBNAIL)  # decodes at a fraction of the size, which is all that is needed
    picture.thumbnail(THUMBNAIL)
    data = BytesIO()
    picture.save(data, "JPEG", quality=75)
    return base64.b64encode(data.getvalue()).decode("ascii")


def chunks(file: IO[str]) -> Iterator[Markup]:
    """The rest of a file of finished HTML, already escaped, a megabyte at a time."""
    while text := file.read(1 << 20):
        yield Markup(text)


@cache
def templates() -> Environment:
    """The templates beside this file; everything put into them is escaped."""
    environment = page_templates("crumple.assessment")
    environment.filters["percent"] = percent
    environment.filters["words"] = in_words
    environment.filters["how_many_real"] = how_many_real
    environment.filters["counted_likelihoods"] = counted_likelihoods
    environment.filters["known"] = known
    environment.globals["the_scale"] = THE_SCALE
    environment.globals["not_identified"] = NOT_IDENTIFIED
    environment.globals["damage_colour"] = lambda label: css(damage_colour(label))
    environment.globals["part_colour"] = lambda label: css(part_colour(label))
    return environment
