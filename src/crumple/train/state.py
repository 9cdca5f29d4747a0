"""What a run needs to go on as if it had never stopped: weights, optimiser, random state, epoch."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from crumple.errors import ModelError
from crumple.files import read_arrays, write_aside
from crumple.model.checkpoint import named_weights
from crumple.train.recipe import Recipe
from crumple.train.training_model import TrainingModel

RECIPE = "recipe.json"
METRICS = "metrics/"


def claim_folder(folder: Path, recipe: Recipe) -> None:
    """Make `folder` this recipe's, or see that it is.

    Raises: ModelError if it holds another recipe's run, or something else altogether.
    """
    marker, wanted = folder / RECIPE, recipe.fingerprint()
    if marker.is_file():
        found = _begun_with(marker, recipe.steps)
        different = sorted(key for key in set(wanted) | set(found) if wanted.get(key) != found.get(key))
        if different:
            raise ModelError(f"{folder}: holds a run with another {different[0]}; give another --out or delete it")
    elif folder.is_dir() and any(folder.iterdir()):
        raise ModelError(f"{folder}: holds something, but no run to go on with; give another --out or empty it")
    else:
        with write_aside(marker) as path:
            path.write_text(json.dumps(wanted, indent=2) + "\n")


def _begun_with(marker: Path, steps: int) -> dict[str, Any]:
    """The fingerprint in `marker`. Settings that crumple did not have when it was written get their defaults.

    steps: for the recipe to be whole; no part of a fingerprint.
    """
    try:
        found = json.loads(marker.read_text())
    except ValueError:
        return {}
    try:
        return TypeAdapter(Recipe).validate_python(found | {"steps": steps}).fingerprint()
    except (TypeError, ValidationError):  # no recipe of today: what differs is told by comparing what is there
        return found if isinstance(found, dict) else {}


def _variables(training: TrainingModel) -> dict:
    state = {f"model/{name}": variable for name, variable in named_weights(training.model).items()}
    state |= {f"optimizer/{i}": variable for i, variable in enumerate(training.optimizer.variables)}
    return state | {"seed": training.seed.state}


def save_state(training: TrainingModel, epoch: int, path: Path, steps: int = 0) -> None:
    """Write the state after `epoch` epochs and `steps` steps of the next one. The optimiser must be built."""
    arrays = {name: np.asarray(variable.value) for name, variable in _variables(training).items()}
    if steps:
        arrays |= {f"{METRICS}{i}": np.asarray(v.value) for i, v in enumerate(training.metrics_variables)}
    with write_aside(path) as temporary:
        np.savez(temporary, allow_pickle=False, epoch=np.array(epoch), steps=np.array(steps), **arrays)


def load_state(training: TrainingModel, path: Path) -> tuple[int, int, list[np.ndarray]]:
    """Restore what `save_state` wrote: epochs done, steps of the next one, and the metrics of these steps.

    The metrics are the caller's to restore: `fit` sets them to zero when it begins an epoch.
    Raises: ModelError if the file is broken or belongs to another recipe.
    """
    arrays = read_arrays(path)
    epoch, steps = int(arrays.pop("epoch", 0)), int(arrays.pop("steps", 0))
    metrics = [arrays.pop(name) for name in sorted(filter(_is_metric, arrays), key=lambda n: int(n[len(METRICS) :]))]
    variables = _variables(training)
    shapes = {name: tuple(variable.shape) for name, variable in variables.items()}
    if {name: a.shape for name, a in arrays.items()} != shapes:
        raise ModelError(f"{path}: the saved run has another model or optimiser; give another --out or delete it")
    for name, variable in variables.items():
        variable.assign(arrays[name])
    return epoch, steps, metrics


def _is_metric(name: str) -> bool:
    return name.startswith(METRICS)
