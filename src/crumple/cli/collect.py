"""`crumple collect QUERY`: photos from an open source into a folder or bucket, each with its author and licence."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from crumple.cli.shared.out_folder import writing_to

if TYPE_CHECKING:
    from crumple.collect.outcome import Outcome

DEFAULT_OUT = "data/raw"
DEFAULT_LICENSES = "cc0,pdm,by,by-sa,us-gov"


def collect(
    query: Annotated[str, typer.Argument(help='What to search for, as "damaged car".', show_default=False)],
    source: Annotated[str, typer.Option(help="flickr, commons or openverse.")] = "flickr",
    license: Annotated[
        str, typer.Option(help="Licences, with commas. Others by name: by-nc, by-nd, by-nc-sa, by-nc-nd, no-known.")
    ] = DEFAULT_LICENSES,
    limit: Annotated[int, typer.Option(min=0, help="Photos of this query that the folder is to hold.")] = 1000,
    out: Annotated[str, typer.Option(help="Folder, gs://bucket/folder or s3://bucket/folder.")] = DEFAULT_OUT,
    max_side: Annotated[int, typer.Option(min=1, help="Take the largest size up to this; pixels, longer side.")] = 2048,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Downloads at a time.")] = 8,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="First drop photos that were deleted at the source since.")
    ] = False,
) -> None:
    """Photos from Flickr, Wikimedia Commons or Openverse, under licences that let them be used, with attribution.

    Run it again to go on after an interruption, or to add what is new: nothing is downloaded twice. Writes images/,
    manifest.jsonl and ATTRIBUTION.csv. Exit code 1 if a photo could not be fetched.
    """
    from crumple.collect.collector import Collector, Wanted
    from crumple.collect.http import Http
    from crumple.collect.licenses import parse_families
    from crumple.collect.source import open_source
    from crumple.storage import open_folder

    families = parse_families(license)
    folder = open_folder(out)
    console = Console(stderr=True)
    stop = Event()
    http = Http(stop=stop, workers=workers)
    wanted = Wanted(query, families, limit, max_side, workers, refresh)
    with _writing_to(folder.path), _progress(console, limit) as (say, step), _signals(stop, console) as received:
        outcome = Collector(open_source(source, http), http, folder, wanted, say, step).run()
    print(_summary(outcome, str(folder)))
    if received:
        raise typer.Exit(128 + received[0])
    if outcome.failed:
        raise typer.Exit(1)


def _summary(outcome: "Outcome", where: str) -> str:
    new = f"{outcome.collected} photos collected"
    if outcome.licenses:
        new += f" ({', '.join(f'{count} {name}' for name, count in outcome.licenses.most_common())})"
    rest = {
        "already there": outcome.present,
        "removed": outcome.removed,
        "under other licences": outcome.refused,
        "without a size that fits": outcome.too_large,
        "gone": outcome.gone,
        "failed": outcome.failed,
    }
    return ", ".join([new, *(f"{count} {what}" for what, count in rest.items() if count)]) + f": {where}"


def _writing_to(folder: Path | None) -> AbstractContextManager[None]:
    return nullcontext() if folder is None else writing_to(folder)


@contextmanager
def _progress(console: Console, limit: int) -> Iterator[tuple[Callable[[str], None], "Callable[[Outcome], None]"]]:
    """What to say, and what to call after each photo. No source knows how many there are: the limit is the end."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    told = TextColumn("{task.fields[more]}")
    with Progress(*columns, told, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("photos", total=limit, more="")

        def say(line: str) -> None:
            console.print(line, markup=False, highlight=False, soft_wrap=True, style="yellow")

        def step(outcome: "Outcome") -> None:
            counts = {"checked": outcome.checked, "were there": outcome.present, "failed": outcome.failed}
            more = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
            progress.update(bar, completed=outcome.held, more=more)

        yield say, step


@contextmanager
def _signals(stop: Event, console: Console) -> Iterator[list[int]]:
    """Ctrl-C or SIGTERM ends the run in good order; a second one at once, which costs no photo either.

    Yields the signals that came.
    """
    received: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        console.print("stopping; run the same command again to go on", style="yellow")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
