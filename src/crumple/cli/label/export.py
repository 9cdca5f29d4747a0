"""`crumple label export VERSION`: a version's labels in another tool's format."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from crumple.cli.label.options import VersionFolder
from crumple.cli.shared.out_folder import writing_to


def label_export(
    version: VersionFolder,
    format: Annotated[Literal["cvat", "via", "labelme", "yolo", "voc"], typer.Option(show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder to make.", show_default=False)],
) -> None:
    """A version's labels in the format of CVAT, VIA, LabelMe, YOLO or Pascal VOC; as COCO it is already.

    Writes labels alone, no photos. What the format cannot hold is told in one line each.
    """
    from crumple.label.formats.exporter import export_labels
    from crumple.label.versions.version import read_version

    with writing_to(out.parent):
        done = export_labels(read_version(version), out, format)
    for line in done.losses:
        print(f"not as in the version: {line}")
    print(f"{done.objects} objects on {done.photos} photos: {out}")
