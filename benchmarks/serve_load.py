"""What `crumple serve` does under load, against the same photos assessed in this process.

    python benchmarks/serve_load.py [--model DIR] [--photos DIR] [--clients 8] [--seconds 30] [--soak-minutes 0]

Prints: throughput in this process and over HTTP; latency of single requests and at 80 % load (requests that come
evenly, as load tools send them, and at random moments, as strangers do); what becomes of requests at twice the
capacity; time from start until it can assess; with --soak-minutes how the memory of the process grows. Every request is
counted: answered, shed, or lost.
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.assessment.pipeline import Assessor
from crumple.bench.machine import describe
from crumple.detect.detector import load_detector
from crumple.detect.released import released_model
from crumple.samples.scenes import write_samples

ROUNDS = 4
JPEG = {"Content-Type": "image/jpeg"}


@contextmanager
def service(model: Path, **variables: str) -> Iterator[tuple[str, int, str]]:
    """A service of its own; its URL, process id, and what it took from start until it answered that it can assess."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {f"CRUMPLE_SERVE_{name.upper()}": value for name, value in variables.items()}
    command = [sys.executable, "-m", "crumple", "serve", "--stateless", "--port", str(port), "--model", str(model)]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | settings)
    try:
        while True:
            try:
                httpx.get(f"{url}/ping", trust_env=False)
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    raise SystemExit(f"crumple serve ended with {process.returncode}") from None
                time.sleep(0.01)
        yield (
            url,
            process.pid,
            f"{time.perf_counter() - start:.2f} s, {processor_seconds(process.pid):.2f} s of processor",
        )
    finally:
        process.terminate()
        process.wait()


class Load:
    """Sends photos and notes what came of each: status (0: no answer), seconds."""

    def __init__(self, url: str, photos: list[bytes]) -> None:
        self.photos, self.results = photos, list[tuple[int, float]]()
        self.client = httpx.Client(
            base_url=url, timeout=120, trust_env=False, limits=httpx.Limits(max_connections=None)
        )

    def send(self, number: int) -> None:
        start = time.perf_counter()
        try:
            photo = self.photos[number % len(self.photos)]
            status = self.client.post("/invocations", content=photo, headers=JPEG).status_code
        except httpx.TransportError:
            status = 0
        self.results.append((status, time.perf_counter() - start))

    def closed(self, clients: int, seconds: float) -> None:
        """So many clients, each sending its next photo when the last is answered."""
        throughput(self.send, clients, seconds)

    def open(self, gap: Callable[[], float], seconds: float) -> None:
        """A request after every gap of seconds, whether the last is answered or not."""
        with ThreadPoolExecutor(256) as pool:
            at = end = time.perf_counter()
            end += seconds
            for number in count():
                at += gap()
                if at > end:
                    break
                time.sleep(max(0.0, at - time.perf_counter()))
                pool.submit(self.send, number)

    def latencies(self) -> np.ndarray:
        return np.array([seconds for status, seconds in self.results if status == 200]) * 1000


def throughput(
    work: Callable[[int], object], threads: int, seconds: float, used: Callable[[], float] = time.process_time
) -> tuple[float, float]:
    """Pieces of work a second, so many at a time, and seconds of processor for each, as `used` counts them."""
    numbers, done = count(), Counter[int]()
    end = time.perf_counter() + seconds

    def go(thread: int) -> None:
        while time.perf_counter() < end:
            work(next(numbers))
            done[thread] += 1

    start, before = time.perf_counter(), used()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(go, range(threads)))
    return done.total() / (time.perf_counter() - start), (used() - before) / done.total()


def assess_one(assessor: Assessor, photos: list[bytes], number: int) -> None:
    assessor(photos[number % len(photos)])


def told_answers(load: Load) -> str:
    """How many answers of each status."""
    counts = Counter(status for status, _ in load.results)
    return ", ".join(f"{number} x {status}" for status, number in sorted(counts.items()))


def processor_seconds(pid: int) -> float:
    """What a process has used of all cores: on a busy machine that says more than the time on the wall."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident memory of a process in MB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def soak(url: str, pid: int, photos: list[bytes], clients: int, minutes: float) -> list[float]:
    """Memory after a minute of warming up, then in ten equal steps, under full load."""
    load = Load(url, photos)
    stop = threading.Event()
    thread = threading.Thread(target=lambda: throughput(load.send, clients, minutes * 60))
    thread.start()
    readings = []
    warm = min(60.0, minutes * 6)
    stop.wait(warm)
    for _ in range(10):
        readings.append(memory(pid))
        stop.wait((minutes * 60 - warm) / 10)
    thread.join()
    return [*readings, memory(pid)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="exported folder; the released model if left out")
    parser.add_argument("--photos", type=Path, help="folder of photos; the samples if left out")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30, help="of each measurement")
    parser.add_argument("--soak-minutes", type=float, default=0)
    arguments = parser.parse_args()
    model = arguments.model or released_model()
    about = describe(["crumple", "openvino", "fastapi", "uvicorn"])
    with tempfile.TemporaryDirectory() as folder:
        if arguments.photos:
            paths = sorted(path for path in arguments.photos.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
        else:
            paths = [path for path in write_samples(Path(folder)) if path.suffix == ".jpg"]
        photos = [path.read_bytes() for path in paths]
    console, table = (
        Console(),
        Table("what", "measured", "wanted", title=f"{len(photos)} photos, {arguments.seconds:g} s each"),
    )

    cores = os.cpu_count() or 1
    assessors = {streams: Assessor(load_detector(model, streams)) for streams in (1, cores)}
    with service(model, queue="16") as (url, pid, first):
        table.add_row("start until it can assess", first, "under 3 s")
        Load(url, photos).closed(cores, 2)
        # In turns, because other work on the machine comes and goes: what is compared must have met the same.
        figures: dict[str, list[tuple[float, float]]] = {}
        for _ in range(ROUNDS):
            for streams, assessor in assessors.items():
                work = partial(assess_one, assessor, photos)
                figure = throughput(work, streams, arguments.seconds / ROUNDS, time.process_time)
                figures.setdefault(f"in this process, {streams} at a time", []).append(figure)
            seconds, used = arguments.seconds / ROUNDS, partial(processor_seconds, pid)
            many = throughput(Load(url, photos).send, arguments.clients, seconds, used)
            figures.setdefault(f"{arguments.clients} clients", []).append(many)
        means = {name: np.mean(figure, axis=0) for name, figure in figures.items()}
        rate, cost = means.pop(f"{arguments.clients} clients")
        for name, (photos_a_second, processor) in means.items():
            table.add_row(name, f"{photos_a_second:.2f} photos/s, {processor:.3f} s of processor each", "")
        best, cheapest = max(one[0] for one in means.values()), min(one[1] for one in means.values())
        told = f"{rate:.2f} photos/s = {rate / best:.0%}, {cost:.3f} s of processor each = {cost / cheapest:.0%}"
        table.add_row(f"{arguments.clients} clients", told, "90 % of in-process")
        single = Load(url, photos)
        single.closed(1, arguments.seconds)
        alone = float(np.median(single.latencies()))
        table.add_row("one client, median latency", f"{alone:.0f} ms", "")
        gap = 1 / (0.8 * rate)
        arrivals = {"evenly": lambda: gap, "at random moments": lambda: random.expovariate(1 / gap)}
        for name, next_gap in arrivals.items():
            load = Load(url, photos)
            load.open(next_gap, arguments.seconds)
            p50, p99 = np.percentile(load.latencies(), (50, 99))
            told = f"{p50:.0f} ms, {p99:.0f} ms = {p99 / alone:.1f} x one client; {told_answers(load)}"
            wanted = "p99 under 4 x, 200 alone" if name == "evenly" else "200 alone"
            table.add_row(f"80 % load, {name}: median, p99", told, wanted)
        over = Load(url, photos)
        gap = 1 / (2 * max(rate, best))
        over.open(lambda: gap, arguments.seconds)
        table.add_row("2 x overload, answers", told_answers(over), "200 and 503, nothing lost (0)")
        kept = sum(status == 200 for status, _ in over.results) / arguments.seconds / rate
        table.add_row("2 x overload, answered 200", f"{kept:.0%} of what 8 clients get", "")
        if arguments.soak_minutes:
            readings = soak(url, pid, photos, arguments.clients, arguments.soak_minutes)
            growth = readings[-1] / readings[0] - 1
            steps = " ".join(f"{reading:.0f}" for reading in readings)
            table.add_row(f"{arguments.soak_minutes:g} minutes' soak", f"{growth:+.1%} ({steps} MB)", "under 5 %")
    console.print(about, table, sep="\n")


if __name__ == "__main__":
    main()
