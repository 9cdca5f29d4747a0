"""`crumple label check VERSION`: how good a version's labels are, and what to look at again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from crumple.cli.label.options import VersionFolder, reporting
from crumple.cli.shared.out_folder import check_out, writing_to
from crumple.errors import DataError

if TYPE_CHECKING:
    from crumple.label.check.checker import Report
    from crumple.label.versions.version import Version

DEFAULT_OUT = Path("crumple-label-check")
PAGE, REVIEW = "check.html", "review.json"


def label_check(
    version: VersionFolder,
    out: Annotated[Path, typer.Option(help=f"Folder for {PAGE} and {REVIEW}.")] = DEFAULT_OUT,
    model: Annotated[
        Path | None, typer.Option(help="Exported model folder; without it, the one that ships.", show_default=False)
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Only what needs no model.")] = False,
    images: Annotated[
        Path | None, typer.Option(help="Folder of the photos; without it, where the version says.", show_default=False)
    ] = None,
) -> None:
    """Check a version's labels: outlines, duplicates, sides, classes, annotators against each other and the model.

    Writes a page with pictures, and review.json, of which `crumple label push --review` makes review tasks.
    """
    from crumple.detect.detector import load_detector
    from crumple.label.check.checker import check_version
    from crumple.label.check.page import write_page
    from crumple.label.versions.version import read_version

    if no_model and model:
        raise DataError("--model and --no-model: give one of them")
    check_out(out)
    labels = read_version(version)
    folder = _images(labels, images, needed=not no_model)
    detector = None if no_model else load_detector(model)
    with reporting() as reporter:
        report = check_version(labels, images=folder, detector=detector, reporter=reporter)
    with writing_to(out):
        report.review.save(out / REVIEW)
        write_page(out / PAGE, report, labels, folder)
    _print(report)
    print(f"page: {out / PAGE}\nreview list: {out / REVIEW}")


def _images(version: "Version", given: Path | None, needed: bool) -> Path | None:
    """Where the photos lie; None if that is not known, or not on this machine."""
    where = given or (Path(version.images) if version.images and "://" not in version.images else None)
    if where is not None and where.is_dir():
        return where
    if given or needed:
        at = f"{given or version.images}: there is no such folder" if where else "its photos are not on this machine"
        raise DataError(f"{version.folder}: {at}; give --images, or --no-model to do without")
    return None


def _print(report: "Report") -> None:
    from crumple.label.check.wording import KINDS, share

    console = Console()
    classes = _table("class", "objects", "photos", title=f"{report.objects} objects on {report.photos} photos")
    classes.add_column("", no_wrap=True)
    for row in report.classes:
        classes.add_row(row.label, str(row.objects), str(row.photos), row.note)
    console.print(classes)
    if report.agreement:
        table = _table("labelled twice", "objects", "by both", "mask IoU", "kappa")
        for branch, one in report.agreement.items():
            kappa = "-" if one.kappa is None else f"{one.kappa:.2f}"
            table.add_row(branch, str(one.objects), share(one.both), share(one.mean_iou), kappa)
        console.print("", table, sep="\n")
    table = _table("to look at again", "things", "highest score")
    for kind, count in report.kinds().items():
        highest = max(item.score for item in report.review.items if item.kind == kind)
        table.add_row(KINDS[kind].name, str(count), f"{highest:.2f}")
    console.print("", table if report.review.items else "Nothing to look at again.", "", sep="\n")
    if report.no_vehicle:
        print(f"not checked for damage outside the vehicle: {report.no_vehicle} photos with too few known parts")


def _table(first: str, *names: str, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(first, no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table
