"""Photos per second of `crumple prepare`, beside a bare loop of OpenCV's decode and resize over the same photos.

    python benchmarks/prepare_speed.py PHOTOS [--limit 2000] [--size 1024] [--vehicle]

Both run with one worker. CPU seconds are compared as well as wall seconds: on a machine that does other things too,
only those say something. Start-up is what a run over a single photo takes, and stated apart. Memory is that of a
process over a tenth of the photos, and of one over all.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
from machine import describe

BARE = "bare OpenCV loop: decode, resize"
RUN = (
    "import json, resource, sys, time\n"
    "from crumple.prepare.runner import local_options, quiet, run\n"
    "from crumple.prepare.settings import Settings\n"
    "source, out, size, vehicle = sys.argv[1:]\n"
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
    parser.add_argument("--vehicle", action="store_true")
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    paths = paths[: arguments.limit]
    print(describe(["crumple", "apache-beam", "opencv-python-headless", "pillow", "numpy"]))
    wall, cpu = bare(paths, arguments.size)
    print(f"{BARE}: {len(paths)} photos, wall {wall:.1f} s, CPU {cpu:.1f} s")
    runs = {count: prepare(paths[:count], arguments) for count in (1, max(1, len(paths) // 10), len(paths))}
    for count, (seconds, processor, memory) in runs.items():
        print(f"crumple prepare: {count} photos, wall {seconds:.1f} s, CPU {processor:.1f} s, {memory:.0f} MB at most")
    start, most = runs[1], runs[len(paths)]
    per_second = (len(paths) - 1) / (most[0] - start[0]), (len(paths) - 1) / (most[1] - start[1])
    print(f"after start-up: {per_second[0]:.1f} photos/s, {per_second[1]:.1f} photos per CPU second")
    share = per_second[0] * wall / len(paths), per_second[1] * cpu / len(paths)
    print(f"of the bare loop: {share[0]:.0%} by wall, {share[1]:.0%} by CPU")


def bare(paths: list[Path], size: int) -> tuple[float, float]:
    """Wall and CPU seconds of reading, decoding and shrinking, in one thread."""
    cv2.setNumThreads(1)
    wall, cpu = time.perf_counter(), time.process_time()
    for path in paths:
        picture = cv2.imread(str(path))
        scale = size / max(picture.shape[:2])
        if scale < 1:
            cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return time.perf_counter() - wall, time.process_time() - cpu


def prepare(paths: list[Path], arguments: argparse.Namespace) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and megabytes of a process that prepares these photos."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "raw")
        source.mkdir()
        for i, path in enumerate(paths):
            (source / f"{i:06d}{path.suffix}").symlink_to(path.resolve())
        command = [sys.executable, "-c", RUN, str(source), str(Path(folder, "out"))]
        command += [str(arguments.size), str(arguments.vehicle)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, cpu, memory = json.loads(done.stdout.splitlines()[-1])
    return wall, cpu, memory


if __name__ == "__main__":
    main()
