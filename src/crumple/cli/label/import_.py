"""`crumple label import PATH`: labels of another tool into a version folder, as COCO."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from crumple.cli.shared.out_folder import writing_to

Format = Literal["auto", "cvat", "via", "labelme", "roboflow", "yolo", "voc"]


def label_import(
    path: Annotated[Path, typer.Argument(help="Label file, or the folder of many.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Version folder to make.", show_default=False)],
    labels: Annotated[
        str | None,
        typer.Option(
            help="Label map: crumple, dsmlr, bilgi or your own .yaml; without it, every class keeps its name.",
            show_default=False,
        ),
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(
            help="Branch of the model that your own class names belong to: damage, parts or another name.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="roboflow is any COCO; auto looks what is there.")] = "auto",
    images: Annotated[
        Path | None, typer.Option(help="Folder of the photos; without it, where the labels lie.", show_default=False)
    ] = None,
    copy_images: Annotated[bool, typer.Option("--copy-images", help="Put the photos into the version too.")] = False,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out the labels of photos that are not there.")
    ] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out shapes, photos and files that are wrong, by name.")
    ] = False,
) -> None:
    """Labels of CVAT, VIA, LabelMe, Roboflow, YOLO or Pascal VOC into a version folder, as COCO, through a label map.

    What is not as it was in the source is told in one line each, with its count. Nothing is written if anything is
    wrong, unless --skip-invalid leaves it out.
    """
    from crumple.dataset.complaints import SHOWN
    from crumple.dataset.labels import LabelMap
    from crumple.label.formats.importer import import_labels

    with writing_to(out.parent), Console(stderr=True).status(f"reading {path}"):
        done = import_labels(
            path,
            out,
            None if labels is None else LabelMap.load(labels),
            branch=branch,
            images=images,
            format=format,
            copy_images=copy_images,
            skip_missing=skip_missing,
            skip_invalid=skip_invalid,
        )
    if format == "auto":
        print(f"format: {done.format}")
    for line in done.losses:
        print(f"not as in the source: {line}")
    for line in done.skipped[:SHOWN]:
        print(f"left out: {line}")
    if done.skipped:
        print(f"invalid and left out: {len(done.skipped)}; all of them stand in {out / 'manifest.json'}")
    for name, count in done.dropped.items():
        print(f"dropped by the label map: {count} {name}")
    print(f"{done.objects} objects on {done.photos} photos: {out}")
