"""Memory of `crumple prepare` as its input grows tenfold, and tenfold again.

    python benchmarks/prepare_memory.py PHOTOS [--count 20000] [--side 96] [--workers 1]

Runs over a hundredth of so many photos, a tenth, and all, each in a process of its own; what is printed is the most
that it ever held. The photos are small, so that it takes minutes and not a day: different cut-outs of those in PHOTOS,
with a manifest that says as much of each as `crumple collect` does. All limits are off, so that all but copies are kept
and published. How large the photos are hardly counts: one worker holds one at a time.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.bench.machine import describe

RUN = (
    "import json, resource, sys, time\n"
    "import cv2\n"
    "from crumple.prepare.publish import kept_count\n"
    "from crumple.beam.runner import local_options, quiet\n"
    "from crumple.prepare.run import run\n"
    "from crumple.prepare.settings import Limits, Settings\n"
    "cv2.setNumThreads(1)\n"
    "quiet()\n"
    "source, out, workers = sys.argv[1:]\n"
    "run(source, out, Settings(vehicle=False, limits=Limits(0, 0, 1, 0, 0, 0)), local_options(int(workers)))\n"
    "rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
    "print(json.dumps([kept_count(out), time.process_time(), rss]))\n"
)
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    console = Console(width=100)
    console.print(describe(["crumple", "apache-beam", "opencv-python-headless", "pillow", "pyarrow"]))
    table = Table("photos", "kept", "CPU, s", "memory at most, MB", "more than for a tenth, %")
    before = None
    with tempfile.TemporaryDirectory() as folder:
        for count in (arguments.count // 100, arguments.count // 10, arguments.count):
            source = Path(folder, f"raw-{count}")
            cut_outs(arguments.photos, source, count, arguments.side)
            command = [sys.executable, "-c", RUN, str(source), str(Path(folder, f"out-{count}"))]
            done = subprocess.run([*command, str(arguments.workers)], check=True, capture_output=True, text=True)
            kept, cpu, memory = json.loads(done.stdout.splitlines()[-1])
            more = f"{100 * (memory / before - 1):.1f}" if before else ""
            table.add_row(f"{count:,}", f"{kept:,}", f"{cpu:.1f}", f"{memory:.0f}", more)
            before = memory
    console.print(table)


def cut_outs(photos: Path, folder: Path, count: int, side: int) -> None:
    """So many different photos of side x side pixels in a folder, with a manifest."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    paths = sorted(path for path in photos.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png"))
    with Path(folder, "manifest.jsonl").open("w") as manifest:
        for i in range(count):
            if i % len(paths) == 0:
                rng.shuffle(paths)  # type: ignore[arg-type]
            picture = cv2.imread(str(paths[i % len(paths)]), cv2.IMREAD_REDUCED_COLOR_2)
            long = rng.uniform(0.4, 0.7) * min(picture.shape[:2])
            top, left = (int(rng.uniform(0, length - long)) for length in picture.shape[:2])
            cut = picture[top : top + int(long), left : left + int(long)]
            small = cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(folder / f"{i:07d}.jpg"), small, QUALITY)
            manifest.write(json.dumps(credit(i)) + "\n")


def credit(number: int) -> dict[str, object]:
    """A line as of a photo from Flickr, one of some thousands of authors."""
    author = f"{number * 7919 % 5003:05d}@N00"
    return {
        "file": f"{number:07d}.jpg",
        "source": "flickr",
        "id": str(number),
        "title": f"Photo {number} of a car after it had met another one",
        "author": {"name": f"Author {author}", "id": author},
        "license": {"id": "CC-BY-2.0", "url": "https://creativecommons.org/licenses/by/2.0/"},
        "page_url": f"https://www.flickr.com/photos/{author}/{number}",
    }


if __name__ == "__main__":
    main()
