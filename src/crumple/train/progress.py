"""The progress of a training run: a bar with images/s and time left, and a line per validation."""

import time

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from crumple.train.callbacks import AVERAGED, LIVE, LOGGED, score
from crumple.train.recipe import Recipe


class TrainingProgress:
    """Context manager; `callback` feeds the bar. Where output is no terminal, a line per epoch stands in for it."""

    def __init__(self, recipe: Recipe, console: Console) -> None:
        self.console = console
        self.bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[status]}"),
            TimeElapsedColumn(), TimeRemainingColumn(elapsed_when_finished=True), console=console,
            disable=not console.is_terminal,
        )  # fmt: skip
        self.callback = _Callback(self, recipe)

    def __enter__(self) -> "TrainingProgress":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()


class _Callback(keras.callbacks.Callback):
    def __init__(self, progress: TrainingProgress, recipe: Recipe) -> None:
        super().__init__()
        self.progress, self.recipe = progress, recipe
        self.photos = sum(share.photos for share in recipe.batch.values())
        self.task = progress.bar.add_task("steps", total=recipe.steps, status="")
        self.epoch, self.began = 0, 0.0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch, self.began = epoch, time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        rate = (batch + 1) * self.photos / (time.monotonic() - self.began)
        status = f"{rate:.1f} images/s  loss {float((logs or {}).get('loss', float('nan'))):.2f}"
        done = self.epoch * self.recipe.steps_per_epoch + batch + 1
        self.progress.bar.update(self.task, completed=done, status=status)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        logs = logs or {}
        averaged, live = (_figures(logs, prefix) for prefix in (LOGGED[AVERAGED], LOGGED[LIVE]))
        step = (epoch + 1) * self.recipe.steps_per_epoch
        if averaged or not self.progress.console.is_terminal:
            said = [f"step {step}", f"loss {logs['loss']:.3f}"]
            said += [f"{name} {100 * value:.1f}" for name, value in averaged.items()]
            if averaged and live:
                said.append(f"mean {100 * score(averaged):.1f}, of the live weights {100 * score(live):.1f}")
            self.progress.console.print("  ".join(said), highlight=False, soft_wrap=True)


def _figures(logs: dict, prefix: str) -> dict[str, float]:
    return {key.removeprefix(prefix): value for key, value in logs.items() if key.startswith(prefix)}
