"""Running a pipeline: on this machine by Beam's own FnApiRunner, in threads or processes, or on Dataflow.

The runner is always named: left to itself, Beam 2.77 would first try one that downloads a binary.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from crumple.beam.progress import start_workers, stop_workers
from crumple.beam.store import is_remote
from crumple.errors import CrumpleError, MissingExtraError
from crumple.folder_lock import only_process

OURS = ("CrumpleError", "DataError", "ModelError", "PhotoError")
LOCAL = "FnApiRunner"
DATAFLOW = "DataflowRunner"
NEVER = 10**11  # milliseconds
_RAISED = re.compile(r"^(?:[\w.]*\.)?(\w*(?:Error|Exception|Interrupt)): (.*)$")


def local_options(workers: int, processes: bool = False) -> list[str]:
    """Beam options for this machine. processes: in processes of their own rather than in threads of this one."""
    mode = "multi_processing" if processes else "in_memory"
    return [f"--runner={LOCAL}", f"--direct_running_mode={mode}", f"--direct_num_workers={workers}"]


def dataflow_options(values: Mapping[str, Any]) -> list[str]:
    """Beam options for Dataflow from names and values; those without a value are left away.

    Raises CrumpleError if one is missing that Dataflow cannot do without.
    """
    for name in ("project", "region", "temp_location", "sdk_container_image"):
        if not values.get(name):
            raise CrumpleError(f"--runner {DATAFLOW} needs --{name.replace('_', '-')}")
    options = [f"--runner={DATAFLOW}", "--sdk_location=container", "--experiments=use_runner_v2"]
    return options + [f"--{name}={value}" for name, value in values.items() if value]


def run_pipeline(
    build: Callable[[Any], None], out: str, options: Sequence[str], *, does: str, wait: bool = True
) -> str | None:
    """Build a pipeline and run it, alone in the folder `out` if that is local. Returns the job's id, if there is one.

    Args:
        build: puts the steps into the pipeline; what it raises is told as it is.
        does: what another process does there, if one is at work.

    Raises CrumpleError in one line.
    """
    beam, options_class = _import_beam()
    parsed = options_class(list(options))
    beam.io.filesystems.FileSystems.set_options(parsed)
    pipeline = beam.Pipeline(_threads() if "--direct_running_mode=in_memory" in options else None, parsed)
    build(pipeline)
    with nullcontext() if is_remote(out) else only_process(Path(out), does):
        return _run(pipeline, local=f"--runner={LOCAL}" in options, wait=wait)


def _threads() -> Any:
    """Beam's runner with workers in threads of their own: in the main thread an interrupt would look like a bad photo.

    Beam's own mode of that name sends what a worker has written so far every second, from another thread and if need be
    in the middle of an element; who reads it then reads nonsense, or takes all memory there is (Beam 2.77: data_plane's
    TimeBasedBufferingClosableOutputStream.flush holds no lock that writing holds). Here it waits for years.
    """
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner
    from apache_beam.transforms.environments import EmbeddedPythonGrpcEnvironment

    return FnApiRunner(EmbeddedPythonGrpcEnvironment(data_buffer_time_limit_ms=NEVER))


def _run(pipeline: Any, *, local: bool, wait: bool) -> str | None:
    start_workers()
    try:
        result = pipeline.run()
        if wait:
            result.wait_until_finish()
    except Exception as error:
        raise CrumpleError(cause(error)) from error
    finally:
        if local:
            stop_workers()
    if local or not hasattr(result, "job_id"):
        return None
    with suppress(AttributeError):  # a template has no job
        return str(result.job_id())
    return None


def cause(error: BaseException) -> str:
    """What went wrong in a worker, in one line: Beam adds its step, or sends the whole traceback as text."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    kind, text = type(error).__name__, lines[-1] if lines else "no reason given"
    for line in reversed(lines):
        if found := _RAISED.match(line):
            kind, text = found.groups()
            break
    while found := _RAISED.match(text):  # an error that was wrapped on its way
        kind, text = found.groups()
    text = text.split(" [while running")[0]
    return text if kind in OURS else f"the pipeline stopped: {kind}: {text}"


@contextmanager
def quiet() -> Iterator[None]:
    """Beam logs every worker's traceback, also to the root logger; the command line tells it in one line instead."""
    loggers = {logging.getLogger("apache_beam"): logging.CRITICAL, logging.getLogger(): logging.ERROR}
    before = {logger: logger.level for logger in loggers}
    for logger, level in loggers.items():
        logger.setLevel(level)
    try:
        yield
    finally:
        for logger, level in before.items():
            logger.setLevel(level)


def _import_beam() -> tuple[Any, Any]:
    try:
        import apache_beam
        import pyarrow  # noqa: F401
        from apache_beam.options.pipeline_options import PipelineOptions
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "beam") from None
    return apache_beam, PipelineOptions
