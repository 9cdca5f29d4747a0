"""An inspection in the terminal."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crumple.assessment.numbers import counted
from crumple.assessment.places import where
from crumple.case.describing import photos_in_words
from crumple.case.inspection import Damage, Inspection
from crumple.cli.tables.findings import STYLES


def print_inspection(inspection: Inspection) -> None:
    """Print what was found on one vehicle: notes, a table of damages, what was not photographed."""
    console = Console()
    totals, photos = inspection.totals, len(inspection.photos)
    told = totals.damages - totals.doubtful
    console.print(
        f"{inspection.name}: {counted(told, 'damage')} on {counted(totals.panels_affected, 'panel')}, "
        f"{counted(photos, 'photo')}",
        style="bold",
        markup=False,
        highlight=False,
    )
    for note in inspection.notes:
        console.print(f"note: {note}", style="yellow", markup=False, highlight=False)
    likely = [damage for damage in inspection.damages if damage.likelihood != "doubtful"]
    if likely:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("#", "damage", "where", "severity", "photos"):
            table.add_column(heading)
        table.add_column("why", ratio=1)
        for damage in likely:
            table.add_row(*_row(damage, inspection))
        console.print(table)
    else:
        console.print("no damage found")
    if totals.doubtful:
        console.print(f"and {totals.doubtful} that the model doubts; see the report", highlight=False)
    if inspection.missing_views:
        missing = ", ".join(view.title for view in inspection.missing_views)
        console.print(f"not photographed: {missing}", markup=False, highlight=False)


def _row(damage: Damage, inspection: Inspection) -> list[Text]:
    numbers = [inspection.photo(one.photo).number for one in damage.observations]
    return [
        Text(damage.id.removeprefix("damage-")),
        Text(damage.title + (f"\n{damage.likelihood}" if damage.likelihood else "")),
        Text(where(damage.on)),
        Text(damage.severity, style=STYLES[damage.severity] if damage.likelihood != "possible" else ""),
        Text(photos_in_words(numbers).split(" ", 1)[1]),
        Text(damage.reason),
    ]
