"""Running a preparation, here or on Dataflow: what is asked before Beam's pipeline is built."""

from collections.abc import Sequence
from typing import Any

from crumple.beam.runner import run_pipeline
from crumple.prepare.publish import check_places
from crumple.prepare.settings import Settings


def run(source: str, out: str, settings: Settings, options: Sequence[str], *, wait: bool = True) -> str | None:
    """Prepare the photos in `source`. Returns the job's id, if the runner gives one.

    Args:
        options: Beam's own, such as `crumple.beam.runner.local_options(2)`.
        wait: until the job is done; else it is only submitted.

    Raises CrumpleError in one line. What was prepared until then stays in staging, for the next run to go on from.
    """

    def build(pipeline: Any) -> None:
        check_places(source, out)
        from crumple.prepare.pipeline import build

        build(pipeline, source, out, settings)

    return run_pipeline(build, out, options, does="prepares there", wait=wait)
