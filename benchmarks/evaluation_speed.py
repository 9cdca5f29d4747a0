"""How long an evaluation takes once the detections exist, on synthetic photos.

    python benchmarks/evaluation_speed.py [--photos 1000] [--found 20] [--drawn 6] [--rounds 3]

Prints seconds, the best and the worst of the rounds. Everything runs in one thread.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as coco_mask
from rich.console import Console
from rich.table import Table

from crumple.bench.machine import describe
from crumple.dataset.leak_records import LeakAudit
from crumple.detect.model_info import BranchInfo, ModelInfo
from crumple.evaluate.comparison import compare
from crumple.evaluate.evaluation import evaluate
from crumple.evaluate.judged.judge import Found, Look, LookCache
from crumple.evaluate.judged.photos import JudgedPhoto, Truth
from crumple.evaluate.judged.regions import Region
from crumple.evaluate.measures.average_precision import regions_ap
from crumple.evaluate.subject import subject
from crumple.taxonomy import DAMAGES

WIDTH, HEIGHT = 1280, 960
BRANCH = "damage"
INFO = ModelInfo(
    name="synthetic", version="1", input_size=(HEIGHT, WIDTH), branches=(BranchInfo(name=BRANCH, classes=DAMAGES),)
)
NO_LEAKS = LeakAudit(splits={}, pairs=(), leaks=(), claims=(), verdict="not looked for")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--found", type=int, default=20, help="detections a photo")
    parser.add_argument("--drawn", type=int, default=6, help="drawn objects a photo")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    about = describe(["crumple", "numpy", "pycocotools"])
    rng = np.random.default_rng(0)
    photos = [judged(rng, number, arguments.drawn, arguments.found) for number in range(arguments.photos)]
    with tempfile.TemporaryDirectory() as folder:
        cache = LookCache(Path(folder), "synthetic")
        for photo in photos:
            cache.put(photo.sha256, Look(Found(photo.found), photo.brightness, photo.sharpness))
        one, other = subject(INFO, photos), subject(INFO, worse(photos))
        stages: dict[str, Callable[[], object]] = {
            "read the detections from the cache": lambda: [cache.get(photo.sha256) for photo in photos],
            "box and mask AP": lambda: regions_ap([photo.regions(BRANCH) for photo in photos], BRANCH, DAMAGES),
            "every figure, with 95 % intervals": lambda: evaluate(one, NO_LEAKS, split="val"),
            "two models compared": lambda: compare(one, other),
        }
        times = {name: [seconds(stage) for _ in range(arguments.rounds)] for name, stage in stages.items()}
    console = Console(width=100)
    console.print(about)
    console.print(
        f"{arguments.photos} photos of {WIDTH}x{HEIGHT} pixels, on each {arguments.drawn} drawn objects and "
        f"{arguments.found} detections of {len(DAMAGES)} classes"
    )
    console.print(table(times))


def judged(rng: np.random.Generator, number: int, drawn: int, found: int) -> JudgedPhoto:
    """A photo with some ellipses, each found twice with a shake, and the rest of what is found anywhere."""
    shapes = [random_shape(rng) for _ in range(drawn)]
    labels = [str(rng.choice(DAMAGES)) for _ in shapes]
    again = [(label, shape + rng.normal(0, 4, 5)) for label, shape in zip(labels, shapes, strict=True)] * 2
    again += [(str(rng.choice(DAMAGES)), random_shape(rng)) for _ in range(found - len(again))]
    name = f"{number}.jpg"
    truth = Truth(Path(name), name, WIDTH, HEIGHT, None, False, {BRANCH: "synthetic"}, {}, {})
    objects = tuple(ellipse(label, shape) for label, shape in zip(labels, shapes, strict=True))
    finds = tuple(ellipse(label, shape, round(float(rng.random()), 4)) for label, shape in again[:found])
    return JudgedPhoto(truth, f"{number:064x}", {BRANCH: objects}, {BRANCH: objects}, {BRANCH: finds}, 128.0, 100.0)


def random_shape(rng: np.random.Generator) -> np.ndarray:
    """Centre, half axes in pixels, and angle in degrees of an ellipse, most of them small."""
    return np.array([*rng.uniform(0, [WIDTH, HEIGHT]), *rng.lognormal(3.6, 0.8, 2), rng.uniform(0, 180)])


def ellipse(label: str, shape: np.ndarray, score: float = 1.0) -> Region:
    """The shape as a region with a mask and its tight box."""
    bitmap = np.zeros((HEIGHT, WIDTH), np.uint8)
    x, y, across, down, angle = shape.clip(1).tolist()
    cv2.ellipse(bitmap, (int(x), int(y)), (int(across), int(down)), angle, 0, 360, 1, -1)
    runs = coco_mask.encode(np.asfortranarray(bitmap))
    left, top, width, height = coco_mask.toBbox(runs).tolist()
    box = (left, top, left + width, top + height)
    return Region(label, box, {"size": runs["size"], "counts": runs["counts"].decode()}, score)


def worse(photos: list[JudgedPhoto]) -> list[JudgedPhoto]:
    """The same photos with every fifth detection lost."""
    return [
        replace(photo, found={BRANCH: tuple(region for i, region in enumerate(photo.found[BRANCH]) if i % 5)})
        for photo in photos
    ]


def seconds(stage: Callable[[], object]) -> float:
    start = time.perf_counter()
    stage()
    return time.perf_counter() - start


def table(times: dict[str, list[float]]) -> Table:
    result = Table("stage", title="seconds", title_justify="left")
    for name in ("best", "worst"):
        result.add_column(name, justify="right")
    for stage, taken in times.items():
        result.add_row(stage, f"{min(taken):.1f}", f"{max(taken):.1f}")
    return result


if __name__ == "__main__":
    main()
