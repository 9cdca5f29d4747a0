"""ATTRIBUTION.csv: what Creative Commons licences ask to be told with every photo, one row each."""

import csv
import io
from collections.abc import Iterable

from crumple.collect.record import Entry
from crumple.storage import Folder

ATTRIBUTION = "ATTRIBUTION.csv"
COLUMNS = ("file", "title", "author", "author_url", "page_url", "license", "license_url", "changes")


def write_attribution(folder: Folder, entries: Iterable[Entry]) -> None:
    """Write the table anew. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for entry in entries:
        license = entry.license
        row = (
            entry.file,
            entry.title or "untitled",
            entry.author.name,
            entry.author.url,
            entry.page_url,
            license.id,
            license.url,
            _changes(entry),
        )
        table.writerow([_inert(field or "") for field in row])
    folder.write(ATTRIBUTION, text.getvalue().encode())


def _changes(entry: Entry) -> str:
    if entry.size == "original":
        return "none"
    return f"none; the {entry.size} copy ({entry.width}x{entry.height}) that its source offers"


def _inert(field: str) -> str:
    field = " ".join(field.split())
    return f"'{field}" if field.startswith(("=", "+", "-", "@")) else field
