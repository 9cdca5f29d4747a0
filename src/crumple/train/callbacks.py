"""What happens at the end of an epoch: save, average, validate, log."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
from tensorboard.summary import Writer

from crumple.errors import ModelError
from crumple.files import write_aside
from crumple.model.checkpoint import save_model
from crumple.model.mask_rcnn import MaskRCNN
from crumple.train.state import save_state
from crumple.train.training_model import TrainingModel

Validate = Callable[[MaskRCNN], dict[str, float]]


@contextmanager
def averaged_weights(training: TrainingModel) -> Iterator[None]:
    """Within the block the model carries the averaged (EMA) weights instead of the latest."""
    variables = training.trainable_variables
    latest = [keras.ops.convert_to_numpy(variable).copy() for variable in variables]
    training.optimizer.finalize_variable_values(variables)
    for variable in variables:
        # JAX put the averages' own arrays there, and predicting gives away what a model carries: a copy for the model.
        variable.assign(keras.ops.convert_to_numpy(variable).copy())
    try:
        yield
    finally:
        for variable, value in zip(variables, latest, strict=True):
            variable.assign(value)


DIVERGED = "the loss is no longer a finite number: lower optimisation.learning_rate and run it again"


class StopOnNaN(keras.callbacks.Callback):
    """Ends the run at the first loss that is no number, before anything of it is saved."""

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if not np.isfinite(float((logs or {}).get("loss", 0.0))):
            raise ModelError(DIVERGED)


def score(results: Mapping[str, float]) -> float:
    """What weights are judged by: the mean of their validation figures."""
    return float(np.mean(list(results.values())))


AVERAGED, LIVE = "averaged", "live"
# Before the names of validation figures in an epoch's logs.
LOGGED = {AVERAGED: "val/", LIVE: "val-live/"}


class Keep(keras.callbacks.Callback):
    """Keeps `last/`, the averaged weights; validates now and then and keeps the best weights so far in `best/`.

    A validation judges the averaged weights and the live ones, those of the latest step: which are better depends on
    the learning rate and on how long the run is. Their figures join the epoch's logs, so that later callbacks write
    them out; `best.json` says which weights `best/` holds.
    """

    def __init__(self, folder: Path, validate: Validate | None, every: int, epochs: int) -> None:
        super().__init__()
        self.folder, self.validate, self.every, self.epochs = folder, validate, every, epochs
        self.record = folder / "best.json"
        self.best = json.loads(self.record.read_text())["score"] if self.record.exists() else -1.0

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        done = epoch + 1
        validate = self.validate if self.every and (done % self.every == 0 or done == self.epochs) else None
        with averaged_weights(self.model):
            save_model(self.model.model, self.folder / "last")
            if validate:
                self._judge(AVERAGED, validate, done, logs)
            if done == self.epochs and self.best < 0:  # nothing was measured: the latest are the best that is known
                save_model(self.model.model, self.folder / "best")
        if validate and self.model.optimizer.ema_momentum:  # without a momentum both are the same
            self._judge(LIVE, validate, done, logs)

    def _judge(self, weights: str, validate: Validate, epoch: int, logs: dict | None) -> None:
        """Validate the weights that the model carries, and keep them if they are the best so far."""
        results = validate(self.model.model)
        if not results:
            return
        if logs is not None:
            logs |= {LOGGED[weights] + name: value for name, value in results.items()}
        # On a tie the later ones: a run that leaves the detector alone scores the same each time, and learns places.
        if score(results) > self.best or (score(results) == self.best and weights == AVERAGED):
            self.best = score(results)
            save_model(self.model.model, self.folder / "best")
            record = {"score": self.best, "epoch": epoch, "weights": weights, **results}
            with write_aside(self.record) as path:
                path.write_text(json.dumps(record, indent=2) + "\n")


class SaveState(keras.callbacks.Callback):
    """Marks the epoch as done. Last of all: an interrupt before it repeats the epoch and loses nothing of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "state.npz"

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        save_state(self.model, epoch + 1, self.path)


class Stopped(Exception):
    """The run was asked to end, and can be gone on with."""


class Position(keras.callbacks.Callback):
    """Knows how far the run is: `epoch` epochs and `steps` steps. Raises Stopped after a step once `stop` says so, but
    not after the last epoch, when nothing is left to stop.

    Args:
        epochs: of the whole run.
        begun: steps of the first epoch that an earlier run has done, and
        metrics: their metrics, which `fit` would forget.
    """

    def __init__(self, stop: Callable[[], bool], epochs: int, begun: int, metrics: Sequence[np.ndarray]) -> None:
        super().__init__()
        self.stop, self.epochs, self.begun, self.metrics = stop, epochs, begun, metrics
        self.epoch = self.steps = 0

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch, self.steps = epoch, self.begun
        if self.begun:
            for variable, value in zip(self.model.metrics_variables, self.metrics, strict=True):
                variable.assign(value)
        self.begun = 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.steps += 1
        if self.stop():
            raise Stopped

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.epoch, self.steps = epoch + 1, 0
        if self.epoch < self.epochs and self.stop():
            raise Stopped


class Log(keras.callbacks.Callback):
    """One JSON line and the TensorBoard scalars per epoch.

    Args:
        done: epochs that are saved. One that an earlier run logged, and ended before it was saved, is done again, and
            so its row goes.
    """

    def __init__(self, folder: Path, epoch_steps: int, batch_size: int, done: int) -> None:
        super().__init__()
        self.path, self.epoch_steps, self.batch_size = folder / "log.jsonl", epoch_steps, batch_size
        rows = self.path.read_text().splitlines(keepends=True) if self.path.exists() else []
        saved = [row for row in rows if _is_up_to(row, done * epoch_steps)]
        if saved != rows:
            with write_aside(self.path) as path:
                path.write_text("".join(saved))
        self.writer = Writer(str(folder / "tensorboard"))
        self.began = self.ended = 0.0  # seconds on the monotonic clock
        self.batches = 0  # of this epoch that this run has done: all, but for the epoch that it goes on with

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.began, self.batches = time.monotonic(), 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        # Validation follows the last batch: training speed must not pay for it.
        self.ended = time.monotonic()
        self.batches += 1

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = (epoch + 1) * self.epoch_steps
        rate = self.batches * self.batch_size / max(self.ended - self.began, 1e-9)
        # Of the next step; six digits after the point would make 0 of the last ones.
        learning_rate = float(f"{float(self.model.optimizer.learning_rate):.4g}")
        figures = {"images_per_second": rate} | {k: float(v) for k, v in (logs or {}).items()}
        row = {"step": step, "learning_rate": learning_rate} | {k: round(v, 6) for k, v in figures.items()}
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        for name, value in row.items():
            if name != "step":
                self.writer.add_scalar(name, value, step)
        self.writer.flush()

    def on_train_end(self, logs: dict | None = None) -> None:
        self.writer.close()


def _is_up_to(row: str, step: int) -> bool:
    """Whether a row of the log is whole and of `step` or before."""
    try:
        return bool(json.loads(row)["step"] <= step)
    except ValueError:
        return False
