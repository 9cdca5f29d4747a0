"""`crumple export CHECKPOINT --out DIR`: ONNX and OpenVINO, checked equal before they are written."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from crumple.dataset.sets import read_data
from crumple.errors import DataError, PhotoError
from crumple.export.exporter import Export, export_checkpoint
from crumple.photo import decode_photo

CALIBRATION_PHOTOS = 300  # of all sets


def export(
    checkpoint: Annotated[Path, typer.Argument(help="Folder that `crumple train` wrote (config.json, weights.npz).")],
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier export there is replaced.")],
    saved_model: Annotated[bool, typer.Option("--saved-model", help="Write a TensorFlow SavedModel too.")] = False,
    int8: Annotated[
        Path | None,
        typer.Option(metavar="DATA", help="Quantise OpenVINO to int8, calibrated on train photos of this data file."),
    ] = None,
    photos: Annotated[
        Path | None, typer.Option(help="Folder of photos to compare the formats on, in place of the samples.")
    ] = None,
) -> None:
    """Turn a checkpoint into ONNX and OpenVINO, checked equal before it is written."""
    pictures = _sample_photos() if photos is None else _folder_photos(photos)
    calibration = [] if int8 is None else _train_photos(int8)
    console = Console()
    with console.status("starting") as status:
        written = export_checkpoint(
            checkpoint,
            out,
            pictures,
            saved_model=saved_model,
            calibration=calibration,
            on_step=lambda step: status.update(f"{step} ..."),
        )
    console.print(_table(written, len(pictures)))
    if not written.info.thresholds:
        Console(stderr=True).print(
            f"warning: {checkpoint} has no thresholds, so every class is reported from the same score on; choose them "
            f"with `crumple evaluate {checkpoint} DATA --set-thresholds` and export again",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if written.int8:
        console.print(f"OpenVINO in int8 finds {written.int8.found} of {written.int8.sure} sure detections again")
    for path in sorted(written.folder.iterdir()):
        if path.is_file():
            size = path.stat().st_size
            console.print(f"{path}  {size / 1e6:.1f} MB" if size >= 1e5 else f"{path}  {size / 1e3:.1f} kB")
        else:
            console.print(f"{path}/")


def _sample_photos() -> dict:
    from crumple.samples.scenes import CLEAN, PHOTOS, painted_photos

    clean = {name: decode_photo(PHOTOS / name).rgb for name in CLEAN}
    return clean | {photo.name: photo.image for photo in painted_photos()}


def _folder_photos(folder: Path) -> dict:
    if not folder.is_dir():
        raise PhotoError(f"{folder}: no such folder of photos")
    paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise PhotoError(f"{folder}: holds no photo")
    return {path.name: decode_photo(path).rgb for path in paths}


def _train_photos(data: Path) -> list[Path]:
    """Evenly spaced over the train photos of every set, the same number of each."""
    chosen: list[Path] = []
    sets = [data_set for data_set in read_data(data).sets if "train" in data_set.splits]
    for data_set in sets:
        paths = [photo.path for photo in data_set.read("train")]
        count = min(len(paths), CALIBRATION_PHOTOS // len(sets))
        chosen += [paths[i * len(paths) // count] for i in range(count)]
    if not chosen:
        raise DataError(f"{data}: no set has train photos to calibrate on")
    return chosen


def _table(written: Export, photos: int) -> Table:
    title = f"{written.info.name} {written.info.version}: largest difference from Keras on {photos} photos"
    table = Table(title=title, title_justify="left")
    table.add_column("format", no_wrap=True)
    placed = bool(written.info.places)
    for name in ("detections", "box, px", "score", "mask", *(["place"] if placed else [])):
        table.add_column(name, justify="right")
    for name, parity in written.parity.items():
        values = (parity.box, parity.score, parity.mask, *([parity.place] if placed else []))
        figures = (f"{value:.1e}" for value in values)
        table.add_row(name, str(parity.detections), *figures)
    return table
