"""A recipe: everything that decides a training run, read from YAML. Paths are relative to the recipe's file."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from crumple.dataset.affine import Augmentation
from crumple.errors import DataError


@dataclass(frozen=True)
class Optimisation:
    """AdamW under warm-up and cosine decay."""

    learning_rate: float = 7e-4
    trunk_factor: float = 0.3  # the trunk's share of the learning rate: it starts from ImageNet, the rest from random
    weight_decay: float = 0.02
    clip_norm: float = 10.0
    warmup_steps: int = 100
    ema: float = 0.998  # momentum of the averaged weights, which are the ones evaluated and kept
    freeze_to_stride: int = 4  # trunk layers up to this stride keep their ImageNet weights; 0 trains all


@dataclass(frozen=True)
class SetShare:
    """How many photos of a set every batch takes; `negatives` of them also count as undamaged."""

    photos: int
    negatives: int = 0


@dataclass(frozen=True)
class Recipe:
    """One training run. `steps` optimiser steps; state is saved, and averages logged, every `epoch_steps`."""

    name: str
    data: Path
    batch: dict[str, SetShare]
    steps: int
    backbone_weights: Path | None = None  # .npz of an ImageNet trunk
    init: Path | None = None  # checkpoint folder to start from instead
    root: Path | None = None  # of the data; overrides the data file's own
    model: dict[str, Any] = field(default_factory=dict)  # settings of ModelConfig that differ from its defaults
    branches: dict[str, dict[str, Any]] = field(default_factory=dict)  # settings of BranchConfig, by branch
    sampling: dict[str, Any] = field(default_factory=dict)  # settings of model.branch.Sampling
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimisation: Optimisation = field(default_factory=Optimisation)
    epoch_steps: int = 100
    validate_epochs: int = 5  # validation AP every so many epochs and at the end; 0 never
    validate_photos: int | None = None  # per set; None takes all
    object_slots: int = 32
    seed: int = 0
    bfloat16: bool = False

    @property
    def epochs(self) -> int:
        return -(-self.steps // self.epoch_steps)


def _build(kind: type, values: Any, where: str) -> Any:
    """A dataclass from a mapping, naming the file and field of anything unknown, missing or of the wrong type."""
    if not isinstance(values, dict):
        raise DataError(f"{where}: must be a mapping of settings, not {values!r}")
    known = {f.name: f for f in dataclasses.fields(kind)}
    if unknown := sorted(set(values) - set(known)):
        raise DataError(f"{where}: field {unknown[0]} is not known; known are {', '.join(known)}")
    required = [n for n, f in known.items() if f.default is f.default_factory is dataclasses.MISSING]
    if missing := [name for name in required if name not in values]:
        raise DataError(f"{where}: field {missing[0]} is missing")
    checked = {}
    for name, value in values.items():
        wanted = known[name].type
        if wanted in (int, float, bool):
            number = isinstance(value, (int, float)) and isinstance(value, bool) == (wanted is bool)
            if not number or (wanted is int and value != int(value)):
                raise DataError(f"{where}: field {name} must be {wanted.__name__}, not {value!r}")
            checked[name] = wanted(value)
        else:
            checked[name] = tuple(value) if isinstance(value, list) else value
    return kind(**checked)


def read_recipe(path: str | Path) -> Recipe:
    """Read and check a recipe.

    Raises: DataError naming the file and the field.
    """
    path = Path(path)
    try:
        values = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot read the recipe ({error})") from error
    except yaml.YAMLError as error:
        raise DataError(f"{path}: not valid YAML ({' '.join(str(error).split())})") from error
    if not isinstance(values, dict):
        raise DataError(f"{path}: a recipe is a mapping of settings (docs/train.md)")
    values = dict(values)
    for key, kind in (("augmentation", Augmentation), ("optimisation", Optimisation)):
        values[key] = _build(kind, values.get(key, {}), f"{path}, {key}")
    shares = values.get("batch")
    if not isinstance(shares, dict) or not shares:
        raise DataError(f"{path}: field batch must name sets and their photos per batch")
    values["batch"] = {
        name: _build(SetShare, share if isinstance(share, dict) else {"photos": share}, f"{path}, batch.{name}")
        for name, share in shares.items()
    }
    for key in ("data", "backbone_weights", "init", "root"):
        if values.get(key) is not None:
            values[key] = path.parent / str(values[key])
    recipe: Recipe = _build(Recipe, values, str(path))
    if recipe.steps < 1 or recipe.epoch_steps < 1:
        raise DataError(f"{path}: fields steps and epoch_steps must be at least 1")
    return recipe
