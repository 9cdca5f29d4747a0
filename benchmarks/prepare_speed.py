"""Photos per CPU second of `crumple prepare`, beside a bare loop of OpenCV's decode and resize over the same photos.

    python benchmarks/prepare_speed.py PHOTOS [--limit 2000] [--size 1024] [--enlarge 2048] [--vehicle]

What each step up adds: decode and resize; the JPEG that is written; the plain functions of prepare, with all measures
and hashes; the pipeline, which also looks for copies and publishes. One worker, OpenCV in one thread. CPU seconds are
compared: on a machine that does other things too, only they say something; wall seconds stand beside them. Start-up is
what a run over a single photo takes, and taken off. Memory is that of processes over a tenth of the photos and all.

--enlarge makes the photos that large first, with noise that gives them a camera's detail: photos as `crumple collect`
brings them, where a data set has only small ones.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.bench.machine import describe
from crumple.detect.detector import load_detector
from crumple.prepare.photo.one_photo import prepare_photo
from crumple.prepare.settings import Settings

QUALITY = Settings().quality
RUN = (
    "import json, resource, sys, time\n"
    "import cv2\n"
    "from crumple.prepare import pipeline\n"
    "from crumple.beam.runner import local_options, quiet\n"
    "from crumple.prepare.run import run\n"
    "from crumple.prepare.settings import Settings\n"
    "source, out, size, vehicle, copies = sys.argv[1:]\n"
    "if copies == 'False': pipeline._bands = lambda notes, stage: ()\n"
    "cv2.setNumThreads(1)\n"
    "quiet(); wall, cpu = time.perf_counter(), time.process_time()\n"
    "run(source, out, Settings(size=int(size), vehicle=vehicle == 'True'), local_options(1))\n"
    "rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
    "print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu, rss]))\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--limit", type=int, default=2000)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--enlarge", type=int)
    parser.add_argument("--vehicle", action="store_true", help="with the network too")
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    paths = paths[: arguments.limit]
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        if arguments.enlarge:
            paths = [enlarged(path, arguments.enlarge, Path(folder, f"{i:06d}.jpg")) for i, path in enumerate(paths)]
        compare(paths, arguments)


def compare(paths: list[Path], arguments: argparse.Namespace) -> None:
    console = Console(width=110)
    console.print(describe(["crumple", "apache-beam", "opencv-python-headless", "pillow", "numpy"]))
    settings, count = Settings(size=arguments.size, vehicle=False), len(paths)
    steps = {
        "bare OpenCV: decode, resize": timed(paths, lambda data: bare(data, arguments.size)),
        "and encode": timed(paths, lambda data: cv2.imencode(".jpg", bare(data, arguments.size), WRITTEN)),
        "plain functions of prepare": timed(paths, lambda data: prepare_photo(data, "a.jpg", settings)),
    }
    if arguments.vehicle:
        detector = load_detector()
        few = paths[:100]
        wall, cpu = timed(few, lambda data: prepare_photo(data, "a.jpg", settings, detector=detector))
        steps["plain functions, with the network"] = wall * count / len(few), cpu * count / len(few)
    start = prepare(paths[:1], arguments)
    tenth, most = prepare(paths[: max(1, count // 10)], arguments), prepare(paths, arguments)
    alone = prepare(paths, arguments, copies=False)
    steps["pipeline, copies not looked for"] = alone[0] - start[0], alone[1] - start[1]
    steps["crumple prepare --no-vehicle"] = most[0] - start[0], most[1] - start[1]
    if arguments.vehicle:
        first, all_ = prepare(paths[:1], arguments, vehicle=True), prepare(paths, arguments, vehicle=True)
        steps["crumple prepare"] = all_[0] - first[0], all_[1] - first[1]
    table = Table("", "wall, s", "CPU, s", "photos per CPU second", "of bare, by CPU, %", title=f"{count} photos")
    for name, (wall, cpu) in steps.items():
        share = 100 * steps["bare OpenCV: decode, resize"][1] / cpu
        table.add_row(name, f"{wall:.1f}", f"{cpu:.1f}", f"{count / cpu:.0f}", f"{share:.0f}")
    console.print(table)
    console.print(f"start-up: wall {start[0]:.1f} s, CPU {start[1]:.1f} s")
    sizes = ", ".join(f"{n} photos {run[2]:.0f} MB" for n, run in ((1, start), (count // 10, tenth), (count, most)))
    console.print(f"memory at most: {sizes}")


WRITTEN = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]


def bare(data: bytes, size: int) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    scale = size / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture


def timed(paths: list[Path], step: Callable[[bytes], object]) -> tuple[float, float]:
    """Wall and CPU seconds of reading all photos and doing `step` to each, in one thread."""
    wall, cpu = time.perf_counter(), time.process_time()
    for path in paths:
        step(path.read_bytes())
    return time.perf_counter() - wall, time.process_time() - cpu


def prepare(
    paths: list[Path], arguments: argparse.Namespace, *, vehicle: bool = False, copies: bool = True
) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and megabytes of a process that prepares these photos."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "raw")
        source.mkdir()
        for i, path in enumerate(paths):
            (source / f"{i:06d}{path.suffix}").symlink_to(path.resolve())
        command = [sys.executable, "-c", RUN, str(source), str(Path(folder, "out"))]
        command += [str(arguments.size), str(vehicle), str(copies)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, cpu, memory = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu, memory


def enlarged(path: Path, side: int, target: Path) -> Path:
    """A photo with `side` pixels on the longer side and the noise of a camera, as JPEG."""
    picture = cv2.imread(str(path))
    scale = side / max(picture.shape[:2])
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LANCZOS4)
    noisy = cv2.add(picture, noise(picture.shape), dtype=cv2.CV_8U)
    cv2.imwrite(str(target), noisy, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return target


@cache
def noise(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 4, shape).astype(np.int16)


if __name__ == "__main__":
    main()
