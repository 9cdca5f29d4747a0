"""An assessment in the terminal."""

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crumple.assess.assessment import Assessment
from crumple.assess.severity import percent

STYLES = {"minor": "green", "moderate": "yellow", "severe": "bold red"}


def print_assessment(assessment: Assessment) -> None:
    """Print what was found in one photo: warnings, a table of findings, the parts."""
    console = Console()
    photo, model = assessment.photo, assessment.model
    console.print(
        f"{photo.name}, {photo.width}x{photo.height}, {model.name} {model.version}", style="bold", markup=False
    )
    for check in assessment.warnings:
        console.print(f"warning: {check.text}", style="yellow", markup=False)
    if assessment.findings:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("damage", "on", "severity"):
            table.add_column(heading)
        table.add_column("why", ratio=1)
        for finding in assessment.findings:
            sure = f"{finding.verdict}, {finding.score:.0%}"
            if finding.probability is not None:
                sure += f"\n{percent(finding.probability)} of such are right"
            places = "\n".join(f"{place.title}, {percent(place.share_of_part)} of it" for place in finding.on)
            table.add_row(
                Text(f"{finding.title}\n{sure}"),
                Text(places or "no recognised part"),
                Text(finding.severity, style=STYLES[finding.severity]),
                Text(finding.reason),
            )
        console.print(table)
    else:
        console.print("no damage found")
    counts = Counter(part.title for part in assessment.parts)
    names = [name if count == 1 else f"{count} x {name}" for name, count in counts.items()]
    console.print(f"parts seen: {', '.join(names) or 'none'}", markup=False, highlight=False)
