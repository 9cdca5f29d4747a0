"""A recipe: everything that decides a training run, read from YAML. Paths are relative to the recipe's file."""

import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from crumple.dataset.affine import Augmentation, Share
from crumple.errors import DataError
from crumple.invalid import first_complaint
from crumple.model.config import Positive, Sampling
from crumple.strict_yaml import put_field, read_yaml
from crumple.weights import CHECKPOINT, RELEASED

STRICT = ConfigDict(extra="forbid")
Count = Annotated[int, Field(ge=0)]
NonNegative = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, config=STRICT)
class Optimisation:
    """AdamW under warm-up and cosine decay."""

    learning_rate: Annotated[float, Field(gt=0)] = 7e-4
    trunk_factor: NonNegative = (
        0.3  # the trunk's share of the learning rate: it starts from ImageNet, the rest from random
    )
    weight_decay: NonNegative = 0.02
    clip_norm: Annotated[float, Field(gt=0)] = 10.0
    warmup_steps: Count = 100
    final_rate: Annotated[float, Field(gt=0, le=1)] = 0.01  # share of the learning rate that is left at the end
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.998  # momentum of the averaged weights, once a run is long enough
    # Trunk layers up to this stride keep the weights they start from; 0 trains all, 64 keeps the pyramid as well.
    # None: 4, or 0 where every weight begins at random.
    freeze_to_stride: Count | None = None
    freeze_depthwise: bool = False  # so do all depthwise kernels of the trunk, whose gradients are slow on CPUs


@dataclass(frozen=True, config=STRICT)
class SetShare:
    """How many photos of a set every batch takes; `negatives` of them also count as undamaged.

    mosaic: share of them that become mosaics with three others.
    pasted: share of the negatives that are no mosaics and get a damage pasted on, where there is a panel for it.
    undamaged_views: share of them that show a part of the photo without its damage, where there is such a part.
    """

    photos: Positive
    negatives: Count = 0
    mosaic: Share = 0.0
    pasted: Share = 0.0
    undamaged_views: Share = 0.0

    @model_validator(mode="after")
    def _negatives_are_photos(self) -> "SetShare":
        if self.negatives > self.photos:
            raise ValueError(f"negatives ({self.negatives}) are some of the photos ({self.photos}), never more")
        if self.pasted and not self.negatives:
            raise ValueError("pasted is a share of the negatives, and there are none; give negatives, or leave it away")
        return self


# What a recipe says elsewhere, or not at all: in `model` it would have no effect.
_NO_MODEL_SETTINGS = {
    "name": "the model has the recipe's own name",
    "branches": "give branches beside model, not in it",
    "metadata": "crumple writes it; leave it out",
}


@dataclass(frozen=True, config=STRICT)
class Recipe:
    """One training run. `steps` optimiser steps; state is saved, and averages logged, every `epoch_steps`."""

    name: Annotated[str, Field(min_length=1, strict=True)]
    data: Path
    batch: Annotated[dict[str, SetShare], Field(min_length=1)]
    steps: Positive
    backbone_weights: Path | None = None  # .npz of an ImageNet trunk
    init: Path | None = None  # checkpoint folder to start from instead; in the file also the released model's name
    root: Path | None = None  # of the data; overrides the data file's own
    model: dict[str, Any] = field(default_factory=dict)  # settings of ModelConfig that differ from its defaults
    branches: dict[str, dict[str, Any]] = field(default_factory=dict)  # settings of BranchConfig, by branch
    sampling: Sampling = field(default_factory=Sampling)
    augmentation: Augmentation = field(default_factory=Augmentation)
    optimisation: Optimisation = field(default_factory=Optimisation)
    epoch_steps: Positive = 100
    validate_epochs: Count = 5  # validation AP every so many epochs and at the end; 0 never
    validate_photos: Positive | None = None  # per set; None takes all
    object_slots: Positive = 32
    learns: tuple[str, ...] = ()  # branches and "places" that this run teaches; none named: all that its photos can
    seed: Count = 0
    bfloat16: bool = False

    @model_validator(mode="after")
    def _whole_epochs(self) -> "Recipe":
        if self.steps % self.steps_per_epoch:
            raise ValueError(f"steps ({self.steps}) must be a multiple of epoch_steps ({self.epoch_steps})")
        return self

    @model_validator(mode="after")
    def _settings_have_an_effect(self) -> "Recipe":
        for name, advice in _NO_MODEL_SETTINGS.items():
            if name in self.model:
                raise ValueError(f"model.{name}: cannot be set; {advice}")
        for branch, settings in self.branches.items():
            if "name" in settings:
                raise ValueError(f"branches.{branch}.name: cannot be set; the data file names the branch")
        return self

    @property
    def from_nothing(self) -> bool:
        """Whether every weight begins at random."""
        return not (self.init or self.backbone_weights)

    @property
    def freeze_to_stride(self) -> int:
        """Up to which stride the trunk keeps its weights, 0 for none; see `Optimisation`."""
        given = self.optimisation.freeze_to_stride
        return given if given is not None else 0 if self.from_nothing else 4

    @property
    def steps_per_epoch(self) -> int:
        return min(self.epoch_steps, self.steps)

    @property
    def epochs(self) -> int:
        return self.steps // self.steps_per_epoch

    def fingerprint(self) -> dict[str, Any]:
        """What a run that is gone on with must share with its beginning, as plain JSON types.

        Steps may change (the learning rate follows the new cosine from there on), and so may what is validated and
        where files lie.
        """
        values: dict[str, Any] = json.loads(TypeAdapter(Recipe).dump_json(self))
        for free in ("steps", "root", "validate_epochs", "validate_photos", "backbone_weights", "init"):
            del values[free]
        values["optimisation"]["freeze_to_stride"] = self.freeze_to_stride
        return values | {"data": self.data.name}


def read_recipe(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """Read and check a recipe.

    Args:
        overrides: fields by dotted name, as {"optimisation.learning_rate": 1e-4}, in place of the file's.

    Raises: DataError naming the file and the field.
    """
    path = Path(path)
    values = read_yaml(path)
    for name, value in (overrides or {}).items():
        put_field(values, name, value)
    shares = values.get("batch")
    if isinstance(shares, dict):
        values["batch"] = {n: share if isinstance(share, dict) else {"photos": share} for n, share in shares.items()}
    for key in ("data", "backbone_weights", "init", "root"):
        if isinstance(values.get(key), str):
            values[key] = path.parent / values[key]
    if values.get("init") == path.parent / RELEASED.name:
        values["init"] = CHECKPOINT
    try:
        return TypeAdapter(Recipe).validate_python(values)
    except ValidationError as error:
        raise DataError(f"{path}: {first_complaint(error)}") from None
