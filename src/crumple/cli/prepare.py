"""`crumple prepare`: collected photos in, a clean, documented photo set out."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

from crumple.errors import CrumpleError, DataError

if TYPE_CHECKING:
    from crumple.prepare.settings import Settings

DATAFLOW = "Dataflow"  # panel of the help page


def prepare(
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
    model: Annotated[str | None, typer.Option(help="Exported model folder. [default: the one that ships]")] = None,
    min_side: Annotated[int, typer.Option(min=0, help="Least pixels of the shorter side.")] = 256,
    min_brightness: Annotated[float, typer.Option(min=0, help="Least mean luma, 0 to 255.")] = 40,
    max_burnt: Annotated[float, typer.Option(min=0, max=1, help="Largest share that is burnt out.")] = 0.6,
    min_sharpness: Annotated[float, typer.Option(min=0, help="Least sharpness, see docs/prepare.md.")] = 90,
    min_jpeg_quality: Annotated[int, typer.Option(min=0, max=100, help="Least JPEG quality of the source.")] = 30,
    min_vehicle: Annotated[float, typer.Option(min=0, max=1, help="Least share that is vehicle.")] = 0.02,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers. [default: one per core]")] = None,
    processes: Annotated[bool, typer.Option("--processes", help="Workers as processes, not threads.")] = False,
    runner: Annotated[
        Literal["local", "DataflowRunner"], typer.Option(help="This machine, or Google Cloud Dataflow.")
    ] = "local",
    project: Annotated[str | None, typer.Option(help="Google Cloud project.", rich_help_panel=DATAFLOW)] = None,
    region: Annotated[str | None, typer.Option(help="Region of the job.", rich_help_panel=DATAFLOW)] = None,
    temp_location: Annotated[
        str | None, typer.Option(help="gs:// folder. [default: .temp in --out]", rich_help_panel=DATAFLOW)
    ] = None,
    sdk_container_image: Annotated[
        str | None, typer.Option(help="Image with crumple in it.", rich_help_panel=DATAFLOW)
    ] = None,
    machine_type: Annotated[str | None, typer.Option(help="Such as n2-standard-4.", rich_help_panel=DATAFLOW)] = None,
    max_num_workers: Annotated[
        int | None, typer.Option(min=1, help="Limit of autoscaling.", rich_help_panel=DATAFLOW)
    ] = None,
    job_name: Annotated[str | None, typer.Option(help="Name of the job.", rich_help_panel=DATAFLOW)] = None,
    template_location: Annotated[
        str | None, typer.Option(help="Write a template there, do not run.", rich_help_panel=DATAFLOW)
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait for the job.", rich_help_panel=DATAFLOW)] = True,
    beam_option: Annotated[
        list[str] | None, typer.Option(help="Any option of Beam as name=value; repeat it.", show_default=False)
    ] = None,
) -> None:
    """Collected photos in, a clean, documented photo set out: same format, no EXIF, no copies, splits without leaks.

    Writes photos/ or shards/, manifest.parquet, rejects.jsonl and summary.html. A photo that cannot be used lands in
    rejects.jsonl with its reason and never ends the run. Exit code 1 if not one photo was kept.
    """
    from crumple.prepare.runner import DATAFLOW as DATAFLOW_RUNNER
    from crumple.prepare.runner import dataflow_options, local_options, quiet, run
    from crumple.prepare.settings import Limits, Settings, read_splits

    settings = Settings(
        size=size,
        quality=quality,
        limits=Limits(min_side, min_brightness, max_burnt, min_sharpness, min_jpeg_quality, min_vehicle),
        vehicle=vehicle,
        model=model,
        splits=read_splits(splits),
        seed=seed,
        shard=shard,
        format=format,
    )
    extra = [f"--{option.removeprefix('--')}" for option in beam_option or []]
    if runner == DATAFLOW_RUNNER:
        temporary = temp_location or f"{out.rstrip('/')}/.temp"
        values = {
            "project": project,
            "region": region,
            "temp_location": temporary,
            "staging_location": temporary,  # else a bucket that Google makes for the project
            "sdk_container_image": sdk_container_image,
            "machine_type": machine_type,
            "max_num_workers": max_num_workers,
            "job_name": job_name,
            "template_location": template_location,
        }
        options = dataflow_options(values) + extra
        _need_remote(source, out)
        if template_location and "://" not in template_location:
            Path(template_location).parent.mkdir(parents=True, exist_ok=True)
        job = run(source, out, settings, options, wait=wait and not template_location)
        print(f"template: {template_location}" if template_location else f"job {job}: {out}/summary.html")
        return
    quiet()
    _check(source, settings)
    with _progress(), _without_tracebacks():
        run(source, out, settings, local_options(workers or os.cpu_count() or 1, processes) + extra)
    _conclude(out)


def _need_remote(*places: str) -> None:
    for place in places:
        if "://" not in place:
            raise CrumpleError(f"{place}: Dataflow's machines do not see this machine's files; give a gs:// URL")


def _check(source: str, settings: "Settings") -> None:
    """Tell what would stop every worker before any is started."""
    if "://" not in source and not Path(source).is_dir():
        what = "is a file, not a folder" if Path(source).exists() else "there is no such folder"
        raise DataError(f"{source}: {what}; give a folder of photos")
    if settings.vehicle:
        from crumple.detect.model_info import ModelInfo
        from crumple.detect.released import released_model

        ModelInfo.load(settings.model or released_model())


@contextmanager
def _progress() -> Iterator[None]:
    """The number of photos prepared, on a terminal."""
    from rich.console import Console

    from crumple.prepare.progress import photos_done

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    done = Event()
    with console.status("preparing") as status:
        thread = Thread(target=_tell, args=(done, lambda: status.update(f"{photos_done()} photos prepared")))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextmanager
def _without_tracebacks() -> Iterator[None]:
    """Beam's workers print what went wrong before they report it; it is told in one line instead."""
    before = sys.stderr
    sys.stderr = _Silencer(before)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stderr = before


class _Silencer:
    """A text stream that swallows tracebacks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._swallowed = False

    def write(self, text: str) -> int:
        if text.startswith("Traceback (most recent call last)") or (self._swallowed and not text.strip()):
            self._swallowed = True
            return len(text)
        self._swallowed = False
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _tell(done: Event, update: Callable[[], None]) -> None:
    while not done.wait(0.5):
        update()


def _conclude(out: str) -> None:
    """What came out, in one line, read from the records themselves."""
    from collections import Counter

    from crumple.prepare.publish import REJECTS, SUMMARY, kept_count, read_rejects
    from crumple.prepare.store import join

    kept, rejected = kept_count(out), read_rejects(out)
    reasons = Counter(row["reasons"][0] for row in rejected)
    named = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in reasons.most_common())
    print(f"{kept} kept, {len(rejected)} rejected" + (f" ({named})" if named else "") + f": {join(out, SUMMARY)}")
    if not kept:
        print(f"not one photo was kept, for the reasons in {join(out, REJECTS)}")
        raise typer.Exit(1)
