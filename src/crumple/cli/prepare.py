"""`crumple prepare`: collected photos in, a clean, documented photo set out."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crumple.cli.shared import options as o
from crumple.cli.shared.beam_options import Running, check_options, check_source
from crumple.errors import MissingExtraError

if TYPE_CHECKING:
    from crumple.prepare.settings import Settings


def prepare(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="Folder of photos, as `crumple collect` leaves it, or gs://, s3://.")],
    out: Annotated[str, typer.Option(help="Folder to write to, or gs://, s3://.", show_default=False)],
    size: Annotated[int, typer.Option(min=64, help="Pixels of the longer side; photos are never enlarged.")] = 1024,
    quality: Annotated[int, typer.Option(min=1, max=100, help="JPEG quality.")] = 92,
    format: Annotated[
        Literal["folder", "webdataset", "tfrecord"],
        typer.Option(help="Single files, tar files in WebDataset layout, or TFRecord files."),
    ] = "folder",
    shard: Annotated[int, typer.Option(min=1, help="Photos of a tar or TFRecord file.")] = 1000,
    splits: Annotated[str, typer.Option(help="Names and shares.")] = "train=0.8,val=0.1,test=0.1",
    seed: Annotated[str, typer.Option(help="Another one gives other splits.")] = "0",
    vehicle: Annotated[bool, typer.Option(help="Look for a vehicle; reject photos without.")] = True,
    redact: Annotated[bool, typer.Option("--redact", help="Hide faces and plates, as far as they are found.")] = False,
    model: o.ModelText = None,
    min_side: Annotated[int, typer.Option(min=0, help="Least pixels of the shorter side.")] = 256,
    min_brightness: Annotated[float, typer.Option(min=0, help="Least mean luma, 0 to 255.")] = 40,
    max_burnt: Annotated[float, typer.Option(min=0, max=1, help="Largest share that is burnt out.")] = 0.6,
    min_sharpness: Annotated[float, typer.Option(min=0, help="Least sharpness, see docs/prepare.md.")] = 90,
    min_jpeg_quality: Annotated[int, typer.Option(min=0, max=100, help="Least JPEG quality of the source.")] = 30,
    min_vehicle: Annotated[float, typer.Option(min=0, max=1, help="Least share that is vehicle.")] = 0.02,
    *,
    running: Running,
) -> None:
    """Collected photos in, a clean, documented photo set out: same format, no EXIF, no copies, splits without leaks.

    Writes photos/ or shards/, manifest.parquet, rejects.jsonl and summary.html. A photo that cannot be used lands in
    rejects.jsonl with its reason and never ends the run. Exit code 1 if not one photo was kept.
    """
    check_options(context, runner=running.runner)
    from crumple.prepare.run import run
    from crumple.prepare.settings import Limits, Settings, read_splits

    settings = Settings(
        size=size,
        quality=quality,
        limits=Limits(min_side, min_brightness, max_burnt, min_sharpness, min_jpeg_quality, min_vehicle),
        vehicle=vehicle,
        redact=redact,
        model=model,
        splits=read_splits(splits),
        seed=seed,
        shard=shard,
        format=format,
    )
    if running.here:
        _check(source, settings)
    running.run(lambda options, wait: run(source, out, settings, options, wait=wait), source, out, "preparing")
    if running.here:
        _conclude(out)


def _check(source: str, settings: "Settings") -> None:
    """Tell what would stop every worker before any is started."""
    check_source(source)
    if settings.redact and not find_spec("skimage"):
        raise MissingExtraError("scikit-image", "redact")
    if settings.vehicle:
        from crumple.detect.model_info import ModelInfo
        from crumple.detect.released import released_model

        ModelInfo.load(settings.model or released_model())


def _conclude(out: str) -> None:
    """What came out, in one line, read from the records themselves."""
    from collections import Counter

    from crumple.beam.store import join
    from crumple.prepare.publish import REJECTS, SUMMARY, kept_count, read_rejects

    kept, rejected = kept_count(out), read_rejects(out)
    reasons = Counter(row["reasons"][0] for row in rejected)
    named = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in reasons.most_common())
    print(f"{kept} kept, {len(rejected)} rejected" + (f" ({named})" if named else "") + f": {join(out, SUMMARY)}")
    if not kept:
        print(f"not one photo was kept, for the reasons in {join(out, REJECTS)}")
        raise typer.Exit(1)
