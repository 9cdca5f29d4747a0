"""What the commands that run an Apache Beam pipeline have in common: their options, and telling how it goes."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Annotated, Any, Literal, TextIO

import typer

from crumple.errors import CrumpleError, DataError

BEAM_PANEL, _DATAFLOW = "Apache Beam", "Dataflow"  # panels of the help page

_HERE = "workers", "processes"  # what Dataflow does by itself
_THERE = (
    "project",
    "region",
    "temp_location",
    "sdk_container_image",
    "machine_type",
    "max_num_workers",
    "job_name",
    "template_location",
)  # options of Dataflow's own, by the same names

RunPipeline = Callable[[Sequence[str], bool], str | None]  # Beam's options, whether to wait -> the job's id


@dataclass(frozen=True)
class Running:
    """Where and how a pipeline runs."""

    workers: Annotated[
        int | None, typer.Option(min=1, help="Workers. [default: one per core]", rich_help_panel=BEAM_PANEL)
    ] = None
    processes: Annotated[
        bool, typer.Option("--processes", help="Workers as processes, not threads.", rich_help_panel=BEAM_PANEL)
    ] = False
    runner: Annotated[
        Literal["local", "DataflowRunner"],
        typer.Option(help="This machine, or Google Cloud Dataflow.", rich_help_panel=BEAM_PANEL),
    ] = "local"
    project: Annotated[str | None, typer.Option(help="Google Cloud project.", rich_help_panel=_DATAFLOW)] = None
    region: Annotated[str | None, typer.Option(help="Region of the job.", rich_help_panel=_DATAFLOW)] = None
    temp_location: Annotated[
        str | None, typer.Option(help="gs:// folder. [default: .temp in --out]", rich_help_panel=_DATAFLOW)
    ] = None
    sdk_container_image: Annotated[
        str | None, typer.Option(help="Image with crumple in it.", rich_help_panel=_DATAFLOW)
    ] = None
    machine_type: Annotated[str | None, typer.Option(help="Such as n2-standard-4.", rich_help_panel=_DATAFLOW)] = None
    max_num_workers: Annotated[
        int | None, typer.Option(min=1, help="Limit of autoscaling.", rich_help_panel=_DATAFLOW)
    ] = None
    job_name: Annotated[str | None, typer.Option(help="Name of the job.", rich_help_panel=_DATAFLOW)] = None
    template_location: Annotated[
        str | None, typer.Option(help="Write a template there, do not run.", rich_help_panel=_DATAFLOW)
    ] = None
    wait: Annotated[bool, typer.Option(help="Wait for the job.", rich_help_panel=_DATAFLOW)] = True
    beam_option: Annotated[
        list[str] | None,
        typer.Option(help="Any option of Beam as name=value.", rich_help_panel=BEAM_PANEL, show_default=False),
    ] = None

    @property
    def here(self) -> bool:
        """Whether it runs on this machine."""
        return self.runner == "local"

    def run(self, run: RunPipeline, source: str, out: str, doing: str) -> None:
        """Run it. doing: what the progress line says before there is a number, such as "preparing"."""
        from crumple.beam.runner import local_options, quiet

        extra = [f"--{option.removeprefix('--')}" for option in self.beam_option or []]
        if not self.here:
            self._submit(run, source, out, extra)
            return
        with quiet(), _progress(doing), _without_tracebacks():
            run(local_options(self.workers or os.cpu_count() or 1, self.processes) + extra, True)

    def _submit(self, run: RunPipeline, source: str, out: str, extra: list[str]) -> None:
        from crumple.beam.runner import dataflow_options

        temporary = self.temp_location or f"{out.rstrip('/')}/.temp"
        # Without a staging location Google makes a bucket for the project.
        values = {name: getattr(self, name) for name in _THERE}
        values |= {"temp_location": temporary, "staging_location": temporary}
        options = dataflow_options(values) + extra
        for place in (source, out):
            if "://" not in place:
                raise CrumpleError(f"{place}: Dataflow's machines do not see this machine's files; give a gs:// URL")
        template = self.template_location
        if template and "://" not in template:
            Path(template).parent.mkdir(parents=True, exist_ok=True)
        job = run(options, self.wait and not template)
        print(f"template: {template}" if template else f"job {job}: {out}")


def check_options(context: typer.Context, *, runner: str, beam: bool = True) -> None:
    """Tell in one line of an option that was given and would do nothing. beam: whether there is a pipeline at all."""
    for option in context.command.params:
        panel = getattr(option, "rich_help_panel", None)
        if not beam:
            needed = "--beam" if panel in (BEAM_PANEL, _DATAFLOW) else None
        elif runner == "local":
            needed = "--runner DataflowRunner" if panel == _DATAFLOW else None
        else:
            needed = "--runner local" if option.name in _HERE else None
        source = context.get_parameter_source(str(option.name))
        if needed and getattr(source, "name", None) == "COMMANDLINE":
            named = "/".join([*option.opts, *option.secondary_opts])
            raise CrumpleError(f"{named} does nothing without {needed}; leave it away, or add that")


def check_source(source: str) -> None:
    """Tell in one line, before any worker is started, that a local folder is none."""
    if "://" not in source and not Path(source).is_dir():
        what = "is a file, not a folder" if Path(source).exists() else "there is no such folder"
        raise DataError(f"{source}: {what}; give a folder of photos")


@contextmanager
def _progress(doing: str) -> Iterator[None]:
    """The number of photos done, on a terminal."""
    from rich.console import Console

    from crumple.beam.progress import photos_done

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    done = Event()
    with console.status(doing) as status:
        thread = Thread(target=_tell, args=(done, lambda: status.update(f"{doing}: {photos_done()} photos done")))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


@contextmanager
def _without_tracebacks() -> Iterator[None]:
    """Beam's workers print what went wrong before they report it; it is told in one line instead.

    After an interrupt or SIGTERM it stays so: the process ends, and its workers may still complain.
    """
    before = sys.stderr
    sys.stderr = _Silencer(before)  # type: ignore[assignment]
    try:
        yield
    except Exception:
        sys.stderr = before
        raise
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
