"""Photos a second with several processes, each on its own share of the cores."""

import multiprocessing
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crumple.errors import CrumpleError

START = 120.0  # seconds that the processes may take to load the model


@dataclass(frozen=True)
class Throughput:
    """`processes` with `cores` each: photos a second of all together, by the clock."""

    processes: int
    cores: int
    photos_a_second: float


def usable_cores() -> list[int]:
    """The cores that this process may run on; their numbers mean something on Linux alone."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def throughput(model: Path, photo: Path, processes: int, cores: int, seconds: float) -> Throughput:
    """Let `processes` assess `photo` again and again for `seconds`, from one start signal.

    Args:
        cores: for each process, where the system lets that be chosen (Linux); else they share all.
    """
    context = multiprocessing.get_context("spawn")
    ready, counts = context.Barrier(processes), context.Queue()
    available = usable_cores()
    workers = []
    for number in range(processes):
        own = [available[(number * cores + i) % len(available)] for i in range(cores)]
        arguments = (str(model), str(photo), own, seconds, ready, counts)
        workers.append(context.Process(target=_work, args=arguments, daemon=True))
    try:
        for worker in workers:
            worker.start()
        done = [counts.get(timeout=START + 2 * seconds + 60) for _ in workers]
    except Exception:  # of the queue: it stayed empty
        raise CrumpleError(f"{processes} processes could not all be measured: is there memory for them?") from None
    finally:
        for worker in workers:
            worker.join(5)
            worker.kill()
    return Throughput(processes, cores, sum(photos / elapsed for photos, elapsed in done))


def _work(model: str, photo: str, own: list[int], seconds: float, ready: Any, counts: Any) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, own)
    import cv2

    cv2.setNumThreads(len(own))
    from crumple.assessment.pipeline import Assessor
    from crumple.detect.detector import load_detector

    assessor = Assessor(load_detector(model))
    assessor(photo)
    ready.wait(START)
    start, photos = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        assessor(photo)
        photos += 1
    counts.put((photos, time.perf_counter() - start))
