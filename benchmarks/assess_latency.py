"""How long one photo takes, stage by stage, and from a cold start.

    python benchmarks/assess_latency.py [--model DIR] [--photos DIR] [--rounds 15] [--accurate]

Prints medians and 90th percentiles in milliseconds over all photos and rounds, after one round that is not counted.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from crumple.assessment.pipeline import Assessor, read_photo
from crumple.assessment.stopwatch import Stopwatch
from crumple.bench.machine import describe
from crumple.detect.detector import load_detector
from crumple.detect.released import released_model
from crumple.samples.scenes import write_samples

COLD = "import sys, crumple; crumple.assess(sys.argv[1], model=sys.argv[2], accurate=bool(sys.argv[3:]))"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="exported folder; the released model if left out")
    parser.add_argument("--photos", type=Path, help="folder of photos; the samples if left out")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--accurate", action="store_true", help="two looks at each photo")
    arguments = parser.parse_args()
    model = arguments.model or released_model()
    about = describe(["crumple", "numpy", "opencv-python-headless", "pillow", "openvino"])
    with tempfile.TemporaryDirectory() as folder:
        if arguments.photos:
            paths = sorted(path for path in arguments.photos.iterdir() if path.is_file())
        else:
            paths = write_samples(Path(folder))
        assessor = Assessor(load_detector(model, accurate=arguments.accurate))
        rounds = [measure(assessor, path) for _ in range(arguments.rounds + 1) for path in paths][len(paths) :]
        cold = [cold_start(model, path, arguments.accurate) for path in paths[:5]]
    console = Console(width=100)
    console.print(about)
    console.print(
        f"model {assessor.model.name} {assessor.model.version}, {len(paths)} photos, {arguments.rounds} rounds"
    )
    console.print(table(rounds))
    console.print(f"cold start of a process to its assessment: median {np.median(cold):.2f} s of {len(cold)}")


def measure(assessor: Assessor, path: Path) -> dict[str, float]:
    """Milliseconds by stage for one photo, with their sum."""
    watch = Stopwatch()
    with watch("decode"):
        photo = read_photo(path)
    assessment, _ = assessor.inspect(photo, watch=watch)
    with watch("draw"):
        assessment.plot()
    return {**watch.timings, "all": sum(watch.timings.values())}


def cold_start(model: Path, path: Path, accurate: bool) -> float:
    """Seconds from starting Python to an assessment; the files are in the disk cache."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", COLD, str(path), str(model), *["accurate"] * accurate], check=True)
    return time.perf_counter() - start


def table(rounds: list[dict[str, float]]) -> Table:
    result = Table("stage", title="milliseconds a photo", title_justify="left")
    for name in ("median", "90th percentile", "share"):
        result.add_column(name, justify="right")
    whole = np.median([times["all"] for times in rounds])
    for stage in rounds[0]:
        times = [one[stage] for one in rounds]
        median = np.median(times)
        result.add_row(stage, f"{median:.1f}", f"{np.percentile(times, 90):.1f}", f"{100 * median / whole:.0f} %")
    return result


if __name__ == "__main__":
    main()
