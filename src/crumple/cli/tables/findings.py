"""An assessment in the terminal."""

from collections import Counter

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crumple.assessment.assessment import Assessment
from crumple.assessment.likelihood import how_many_real
from crumple.assessment.places import NOT_IDENTIFIED, with_known

STYLES = {"minor": "green", "unclear": "cyan", "moderate": "yellow", "severe": "bold red"}


def print_assessment(assessment: Assessment) -> None:
    """Print what was found in one photo: warnings, a table of findings, one of further objects, the parts."""
    console = Console()
    photo, model = assessment.photo, assessment.model
    console.print(
        f"{photo.name}, {photo.width}x{photo.height}, {model.name} {model.version}", style="bold", markup=False
    )
    for check in assessment.warnings:
        console.print(f"warning: {check.text}", style="yellow", markup=False)
    if assessment.findings:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("damage", "where", "severity"):
            table.add_column(heading)
        table.add_column("why", ratio=1)
        for finding in assessment.findings:
            sure: str = finding.likelihood
            if finding.probability is not None:
                sure += f", {how_many_real(finding.probability)}"
            places = "\n".join(map(with_known, finding.on))
            table.add_row(
                Text(f"{finding.title}\n{sure}"),
                Text(places or NOT_IDENTIFIED),
                Text(finding.severity, style=STYLES[finding.severity] if finding.likelihood == "likely" else ""),
                Text(finding.reason),
            )
        console.print(table)
    elif assessment.looked_for_damage:
        console.print("no damage found")
    if assessment.objects:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("object", "of", "score", "covers"):
            table.add_column(heading)
        for one in assessment.objects:
            table.add_row(Text(one.title), Text(one.branch), f"{one.score:.2f}", f"{one.area_share:.1%} of the photo")
        console.print(table)
    counts = Counter(part.title for part in assessment.parts)
    counts.update(seen.title for seen in assessment.parts_seen if seen.part is None)
    names = [name if count == 1 else f"{count} x {name}" for name, count in counts.items()]
    console.print(f"parts seen: {', '.join(names) or 'none'}", markup=False, highlight=False)
