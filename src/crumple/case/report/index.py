"""The page over many vehicles: one row each, to be searched, sorted, filtered and grouped, with a link to its report.

It opens from disk. The thumbnails are files in the vehicles' own folders, loaded as they come into sight.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from crumple import __version__
from crumple.assessment.assessment import Severity
from crumple.assessment.severity import SEVERITIES, WORST_FIRST
from crumple.case.inspection import Inspection
from crumple.case.panel_map.states import is_doubtful, is_listed
from crumple.case.report import wording
from crumple.case.report.content import COVER
from crumple.case.report.html import report_templates

# What vehicles can be filtered and grouped by, in the order of the page: key -> words.
GROUPS: dict[str, str] = {
    **{severity: "severity unclear" if severity == "unclear" else severity for severity in WORST_FIRST},
    "none": "no damage found",
    "failed": "not inspected",
}


@dataclass(frozen=True)
class IndexEntry:
    """One vehicle of the index.

    folder: of its files, relative to the index, with "/" between names. worst: of the damages on the main list; None:
    there are none. problem: why it could not be inspected; it has no report then.
    """

    name: str
    folder: str
    photos: int = 0
    damages: int = 0
    doubtful: int = 0
    undecided: int = 0
    worst: Severity | None = None
    types: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()
    missing: str = ""
    cover: bool = True
    problem: str | None = None

    @property
    def group(self) -> str:
        """Its key in GROUPS."""
        return "failed" if self.problem is not None else self.worst or "none"

    @property
    def rank(self) -> int:
        """The larger, the worse."""
        return -2 if self.problem is not None else -1 if self.worst is None else SEVERITIES.index(self.worst)

    @property
    def parent(self) -> str:
        """The folder that its folder is in; empty: there is none."""
        return self.folder.rpartition("/")[0]

    @property
    def report(self) -> str:
        return quote(f"{self.folder}/report.html")

    @property
    def thumbnail(self) -> str:
        return quote(f"{self.folder}/{COVER}") if self.cover else ""


def index_entry(inspection: Inspection, folder: str, *, embedded: bool = False) -> IndexEntry:
    """The row of an inspection. folder: where `write_inspection` wrote it. embedded: its pictures are in its page."""
    damages = [damage for damage in inspection.damages if is_listed(damage)]
    ids = {damage.id for damage in damages}
    return IndexEntry(
        name=inspection.name,
        folder=folder,
        photos=len(inspection.photos),
        damages=len(damages),
        doubtful=sum(is_doubtful(damage) for damage in inspection.damages),
        undecided=inspection.totals.undecided,
        worst=max((damage.severity for damage in damages), key=SEVERITIES.index, default=None),
        types=tuple(dict.fromkeys(damage.title for damage in damages)),
        panels=tuple(panel.title for panel in inspection.panels if ids & set(panel.damages)),
        missing=wording.listed([view.title for view in inspection.missing_views]),
        cover=not embedded,
    )


def render_index(entries: Sequence[IndexEntry], *, title: str = "Damage reports") -> str:
    """The page."""
    ordered = sorted(entries, key=lambda entry: (-entry.rank, -entry.damages, entry.name))
    return (
        report_templates()
        .get_template("index.html")
        .render(
            title=title,
            entries=ordered,
            groups={key: words for key, words in GROUPS.items() if any(entry.group == key for entry in entries)},
            script=Markup(_script()),
            script_src=f"'sha256-{base64.b64encode(hashlib.sha256(_script().encode()).digest()).decode()}'",
            made=wording.time_in_words(datetime.now(UTC)),
            version=__version__,
        )
    )


@cache
def _script() -> str:
    return Path(__file__).with_name("templates").joinpath("index.js").read_text(encoding="utf-8")
