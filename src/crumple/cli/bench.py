"""`crumple bench`: what crumple takes on this machine, in about a minute."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crumple.cli.shared import options as o

if TYPE_CHECKING:
    from rich.console import Console

    from crumple.bench.stages import Stage

PACKAGES = ("crumple", "numpy", "opencv-python-headless", "pillow", "openvino")


def bench(
    photos: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Photos to measure on. [default: a small one and one of 12 megapixels]", show_default=False
        ),
    ] = None,
    model: o.Model = None,
    rounds: Annotated[int, typer.Option(min=3, help="Times that each photo is assessed.")] = 12,
    seconds: Annotated[float, typer.Option(min=0.1, help="For each row of the throughput.")] = 4.0,
) -> None:
    """What crumple takes on this machine: stages, cold start, memory, photos a second with several processes.

    The clock also counts waiting for other programs, processor time does not. Let the machine rest for true figures.
    """
    from rich.console import Console

    from crumple.bench.machine import describe
    from crumple.bench.photos import write_phone_photo, write_small_photo
    from crumple.bench.stages import measure_stages
    from crumple.cli.assess import make_assessor
    from crumple.detect.released import released_model
    from crumple.photo import photo_size

    console = Console(width=100)
    console.print(describe(PACKAGES))
    folder = model or released_model()
    assessor = make_assessor(folder, None, None)
    height, width = assessor.detector.info.input_size
    console.print(f"model {assessor.model.name} {assessor.model.version}, {width}x{height} pixels, {folder}")
    with tempfile.TemporaryDirectory() as temporary:
        small = write_small_photo(Path(temporary) / "small.jpg")
        measured = photos or [small, write_phone_photo(Path(temporary) / "phone.jpg")]
        for photo in measured:
            across, down = photo_size(photo)
            size = f"{across}x{down}, {photo.stat().st_size / 1e6:.1f} MB"
            for picture, words in ((False, "the assessment"), (True, "the assessment and its overlay")):
                stages = measure_stages(assessor, photo, rounds, picture=picture)
                _print_stages(console, f"{photo.name}, {size}: {words}", stages)
        _print_starts(console, folder, measured)
        _print_throughput(console, folder, small, seconds)


def _print_stages(console: "Console", title: str, stages: "list[Stage]") -> None:
    from rich.table import Table

    from crumple.bench.stages import outside_network

    table = Table("milliseconds", title=title, title_justify="left")
    for name in ("median", "10 %", "90 %", "processor time", "share of it"):
        table.add_column(name, justify="right")
    whole = stages[-1].processor
    for stage in stages:
        times = (stage.median, stage.low, stage.high, stage.processor)
        table.add_row(stage.name, *(f"{value:.1f}" for value in times), f"{100 * stage.processor / whole:.0f} %")
    console.print(table)
    console.print(f"outside the network, overlay left out: {100 * outside_network(stages):.0f} % of processor time")


def _print_starts(console: "Console", model: Path, photos: list[Path]) -> None:
    from rich.table import Table

    from crumple.bench.cold_start import cold_start

    table = Table("start of Python to an assessment", "seconds", "processor seconds", "peak memory, MB")
    cold_start(model, photos[0])  # leaves the compiled network behind
    rows = [(f"{photo.name}, network compiled before", photo, True) for photo in photos]
    rows.append((f"{photos[0].name}, a machine's first time", photos[0], False))
    for words, photo, compiled in rows:
        start = min((cold_start(model, photo, compiled=compiled) for _ in range(3)), key=lambda one: one.seconds)
        memory = f"{start.peak_memory / 1e6:.0f}" if start.peak_memory else "not told"
        table.add_row(words, f"{start.seconds:.2f}", f"{start.processor:.2f}", memory)
    console.print(table)
    console.print("the best of three starts")


def _print_throughput(console: "Console", model: Path, photo: Path, seconds: float) -> None:
    from rich.table import Table

    from crumple.bench.throughput import throughput, usable_cores

    cores = len(usable_cores())
    rows = [(1, cores)] + [(number, 1) for number in sorted({1, 2, cores // 2, cores}) if 1 <= number <= cores]
    table = Table("processes", "cores each", "photos a second", title=photo.name, title_justify="left")
    for processes, each in dict.fromkeys(rows):
        measured = throughput(model, photo, processes, each, seconds)
        table.add_row(str(processes), str(each), f"{measured.photos_a_second:.1f}")
    console.print(table)
