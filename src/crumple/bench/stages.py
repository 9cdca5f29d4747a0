"""What each stage of an assessment takes, by the clock and in processor time."""

import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from crumple.assessment.pipeline import Assessor, read_photo
from crumple.assessment.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK = "network"
PICTURE = ("draw", "encode")  # what only those pay who want the overlay


class ProcessorWatch(Stopwatch):
    """A stopwatch that also counts what the process computes; waiting for other programs adds nothing to that."""

    def __init__(self) -> None:
        super().__init__()
        self.processor: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> "Iterator[None]":
        start = time.process_time()
        with super().__call__(stage):
            yield
        self.processor[stage] = self.processor.get(stage, 0.0) + (time.process_time() - start) * 1000


@dataclass(frozen=True)
class Stage:
    """Milliseconds of one stage over all rounds: median, 10th and 90th percentile, and the median processor time."""

    name: str
    median: float
    low: float
    high: float
    processor: float


def measure_stages(assessor: Assessor, path: Path, rounds: int, *, picture: bool = True) -> list[Stage]:
    """Assess `path` `rounds` times, after one round that does not count; the stages, then "all" of them."""
    return summarise([one_round(assessor, path, picture) for _ in range(rounds + 1)][1:])


def one_round(assessor: Assessor, path: Path, picture: bool = True) -> ProcessorWatch:
    """One assessment, stage by stage; with the overlay as the command makes it, without it as Python gives it."""
    watch = ProcessorWatch()
    with watch("decode"):
        photo = read_photo(path, at_least=None if picture else assessor.enough)
    assessment, _ = assessor.inspect(photo, watch=watch)
    if picture:
        with watch("draw"):
            overlay = assessment.plot()
        with watch("encode"):
            overlay.save(BytesIO(), "JPEG", quality=90)
    return watch


def summarise(rounds: Sequence[ProcessorWatch]) -> list[Stage]:
    """Medians and spread by stage."""
    stages = []
    for name in (*rounds[0].timings, "all"):
        clock, processor = (
            [sum(times.values()) if name == "all" else times[name] for times in series]
            for series in ([one.timings for one in rounds], [one.processor for one in rounds])
        )
        low, median, high = np.percentile(clock, [10, 50, 90])
        stages.append(Stage(name, float(median), float(low), float(high), float(np.median(processor))))
    return stages


def outside_network(stages: Sequence[Stage]) -> float:
    """The share of processor time that decoding, pasting and judging take beside the network; the overlay left out."""
    told = {stage.name: stage.processor for stage in stages if stage.name not in (*PICTURE, "all")}
    return 1 - told[NETWORK] / sum(told.values())
