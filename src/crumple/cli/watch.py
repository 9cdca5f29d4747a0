"""`crumple watch SOURCE`: a walk round a vehicle on video, or a camera, as one damage report."""

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crumple.cli.shared import options as o
from crumple.cli.shared.out_folder import writing_to

if TYPE_CHECKING:
    from crumple.watch.frames import Tally
    from crumple.watch.records import WatchSummary
    from crumple.watch.session import Looked

DEFAULT_OUT = Path("crumple-watch")


def watch(
    source: Annotated[
        str, typer.Argument(help="A video file, a camera's number (0), or rtsp://...", show_default=False)
    ],
    out: o.Out = DEFAULT_OUT,
    model: o.Model = None,
    rules: o.Rules = None,
    min_score: o.MinScore = None,
    rate: Annotated[float, typer.Option(min=0.1, max=240, help="Frames a second to look at, at most.")] = 10.0,
    paced: Annotated[
        bool, typer.Option("--paced", help="Play a file at its own speed, leaving out what this machine cannot reach.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Stop after these. [default: at the end]", show_default=False)
    ] = None,
    no_video: Annotated[bool, typer.Option("--no-video", help="Write no annotated video.")] = False,
    stream: Annotated[bool, typer.Option("--stream", help="Print each frame's JSON line as it comes.")] = False,
) -> None:
    """A walk round a vehicle on video, or a camera, in; one report out, in which each damage stands once.

    Writes index.html, video.mp4, frames.jsonl and frames/ to the folder --out. Ctrl-C ends the watch in order.
    """
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from crumple.cli.assess import make_assessor
    from crumple.cli.shared.interrupts import interrupts
    from crumple.watch.pipeline import watch as watch_source
    from crumple.watch.source import open_source

    console = Console(stderr=True)
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with writing_to(out), closing(open_source(source)) as opened:
        assessor = make_assessor(model, rules, min_score)
        with progress, interrupts(say, "finishing the report; Ctrl-C again drops all") as interrupted:
            bar = progress.add_task("watching")

            def done(looked: "Looked", tally: "Tally") -> None:
                progress.update(bar, description=_state(looked, tally))
                if stream:
                    print(looked.record.model_dump_json(), flush=True)

            summary = watch_source(
                opened,
                assessor,
                out,
                rate=rate,
                paced=paced,
                seconds=seconds,
                video=not no_video,
                stop=interrupted,
                done=done,
            )
    if stream:
        print(summary.model_dump_json(), flush=True)
    else:
        _print(summary, out)
    if summary.ended == "interrupted":
        raise typer.Exit(130)


def _state(looked: "Looked", tally: "Tally") -> str:
    return (
        f"{looked.assessment.photo.name}, {max(looked.tracks, default=0) or 'no'} finding, {tally.overtaken} overtaken"
    )


def _print(summary: "WatchSummary", out: Path) -> None:
    from crumple.assessment.numbers import counted

    for finding in summary.findings:
        print(f"{finding.track:3}  {finding.first:6.1f} s  {finding.text}")
    if summary.ended != "the source ended":
        print(f"ended: {summary.ended}")
    left_out = f", {summary.frames_overtaken} overtaken" if summary.frames_overtaken else ""
    print(
        f"{counted(summary.frames_looked_at, 'frame')} looked at of {summary.frames_read}{left_out}, "
        f"{summary.frames_a_second:.1f} a second, {counted(len(summary.findings), 'finding')}: {out / 'index.html'}"
    )
