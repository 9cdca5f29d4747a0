"""Training images per second of a recipe, and of its loader alone.

    python benchmarks/training_speed.py RECIPE.yaml [--root DIR] [--steps 30]

Trains in a temporary folder without validation. The first steps, in which the graph is built, are not counted.
"""

import argparse
import dataclasses
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras

from crumple.bench.machine import describe
from crumple.train.loop import make_loader, make_model, read_sets, train
from crumple.train.recipe import Recipe, read_recipe

WARM_UP = 5


class StepTimes(keras.callbacks.Callback):
    """When each step ended, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.ends.append(time.perf_counter())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--root", type=Path, help="folder of the data, in place of the data file's own")
    parser.add_argument("--steps", type=int, default=30)
    arguments = parser.parse_args()
    about = describe(["crumple", "numpy", "keras", "tensorflow", "opencv-python-headless"])
    steps = WARM_UP + arguments.steps
    recipe = read_recipe(arguments.recipe)
    recipe = dataclasses.replace(
        recipe, root=arguments.root or recipe.root, steps=steps, epoch_steps=steps, validate_epochs=0
    )
    photos, loading = load_times(recipe, arguments.steps)
    training = step_times(recipe)
    result = Table("what", title=f"{recipe.name}: {photos} photos a step", title_justify="left")
    for name in ("seconds a step, median", "90th percentile", "images/s"):
        result.add_column(name, justify="right")
    for name, times in (("loader alone, 2 threads", loading), ("training, loader included", training)):
        median = np.median(times)
        result.add_row(name, f"{median:.3f}", f"{np.percentile(times, 90):.3f}", f"{photos / median:.1f}")
    console = Console(width=100)
    console.print(f"{about}, backend {keras.backend.backend()}")
    console.print(result)


def load_times(recipe: Recipe, steps: int) -> tuple[int, np.ndarray]:
    """Photos a batch, and seconds between batches that nobody trains on."""
    data = read_sets(recipe)
    loader = make_loader(recipe, data, make_model(recipe, data).config)
    stream = loader.stream()
    ends = []
    for _ in range(WARM_UP + steps):
        next(stream)
        ends.append(time.perf_counter())
    stream.close()
    return loader.batch_size, np.diff(ends)[WARM_UP - 1 :]


def step_times(recipe: Recipe) -> np.ndarray:
    """Seconds between the ends of training steps."""
    times = StepTimes()
    with tempfile.TemporaryDirectory() as folder:
        train(recipe, Path(folder) / "run", callbacks=[times])
    return np.diff(times.ends)[WARM_UP - 1 :]


if __name__ == "__main__":
    main()
