"""A model on disk: a folder with config.json (what it is) and weights.npz (its numbers)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crumple.errors import ModelError
from crumple.files import read_arrays, write_aside
from crumple.model.config import CONFIG_FILE, WEIGHTS_FILE, ModelConfig, is_checkpoint
from crumple.model.mask_rcnn import MaskRCNN

MEND = "copy the checkpoint again, both files of it"


def named_weights(model: MaskRCNN) -> dict:
    """Every variable by `part/layer/variable`, a name that does not depend on what else was built before."""
    return {f"{part.name}/{variable.path}": variable for part in model.parts for variable in part.weights}


def save_model(model: MaskRCNN, folder: str | Path, half: bool = False) -> None:
    """Write `folder`; both files are replaced whole.

    Args:
        half: store kernels as float16. Vectors (biases) stay float32: they weigh nothing.
    """
    arrays = {name: np.asarray(variable.value) for name, variable in named_weights(model).items()}
    if half:
        arrays = {name: a.astype(np.float16) if a.ndim > 1 else a for name, a in arrays.items()}
    with write_aside(Path(folder) / WEIGHTS_FILE) as path:
        np.savez(path, allow_pickle=False, **arrays)
    with write_aside(Path(folder) / CONFIG_FILE) as path:
        path.write_text(json.dumps(model.config.to_dict(), indent=2) + "\n")


def read_config(folder: str | Path) -> ModelConfig:
    """The configuration of a checkpoint. Raises: ModelError if there is no checkpoint or it is not a configuration."""
    folder = Path(folder)
    if not is_checkpoint(folder):
        raise ModelError(
            f"{folder}: no checkpoint here ({CONFIG_FILE} and {WEIGHTS_FILE}); give a folder that `crumple train` wrote"
        )
    try:
        return ModelConfig.from_dict(json.loads((folder / CONFIG_FILE).read_text()))
    except ValueError as error:
        raise ModelError(f"{folder / CONFIG_FILE}: not a model configuration ({error}); {MEND}") from error


def load_model(folder: str | Path, config: ModelConfig | None = None) -> MaskRCNN:
    """Read what `save_model` wrote.

    Args:
        config: what the model shall be instead of what it was: another input size, say, which changes no weight.

    Raises: ModelError naming the file and what is wrong with it; ValueError if `config` is of no model.
    """
    own = read_config(folder)
    try:
        model = MaskRCNN(config or own)
    except ValueError as error:
        if config:  # the caller's, not the file's
            raise
        raise ModelError(f"{Path(folder) / CONFIG_FILE}: not a model configuration ({error}); {MEND}") from error
    _load_weights(
        model, Path(folder) / WEIGHTS_FILE, "change no setting that decides a weight's shape" if config else MEND
    )
    return model


@dataclass(frozen=True)
class Start:
    """What a model took over from a checkpoint of another one, by the names of its weights.

    taken: as they are. mapped: those of the classes that both know. fresh: begun at random. kept, new: by branch, the
    classes that go on with what they know, and those that begin at random.
    """

    taken: tuple[str, ...]
    mapped: tuple[str, ...]
    fresh: tuple[str, ...]
    kept: Mapping[str, tuple[str, ...]]
    new: Mapping[str, tuple[str, ...]]

    @property
    def words(self) -> str:
        """One line: "taken 190 arrays; by class 4 of parts_box, damage_box; parts: all 26 classes known; damage: known
        dent, new rust, hail"."""
        parts = [f"taken {len(self.taken)} arrays"]
        for how, names in (("by class", self.mapped), ("fresh", self.fresh)):
            if names:
                parts.append(f"{how} {len(names)} of {', '.join(dict.fromkeys(n.split('/')[0] for n in names))}")
        for branch, kept in self.kept.items():
            new = self.new[branch]
            told = [f"{word} {', '.join(names)}" for word, names in (("known", kept), ("new", new)) if names]
            parts.append(f"{branch}: {', '.join(told) if new else f'all {len(kept)} classes known'}")
        return "; ".join(parts)


def start_from(folder: str | Path, config: ModelConfig) -> tuple[MaskRCNN, Start]:
    """A model of `config` that begins with the weights of a checkpoint whose classes, branches or places may differ.

    Class logits take over the classes that both have. A branch that the checkpoint lacks begins at random, and so does
    what does not fit of the places, whose network depends on the input's size. All else must fit.

    Raises: ModelError if there is no checkpoint or it does not fit; ValueError if `config` is of no model.
    """
    own, path = read_config(folder), Path(folder) / WEIGHTS_FILE
    arrays, model = read_arrays(path), MaskRCNN(config)
    columns = _shared_classes(own, config)
    known = {name.split("/")[0] for name in arrays}
    taken, mapped, fresh = [], [], []
    for name, variable in named_weights(model).items():
        part, layer, _ = name.split("/", 2)
        array, shape = arrays.get(name), tuple(variable.shape)
        classes = columns.get(part, []) if layer == f"{part}_logits" else []
        if array is not None and classes and array.shape[:-1] == shape[:-1]:
            value = np.asarray(variable.value).copy()
            new, old = zip(*classes, strict=True)
            value[..., new] = array[..., old]
            variable.assign(value)
            mapped.append(name)
        elif array is not None and array.shape == shape:
            variable.assign(array.astype("float32"))
            taken.append(name)
        elif part not in known or part.startswith("places_"):
            fresh.append(name)
        else:
            found = "is missing" if array is None else f"has shape {array.shape}, not {shape} as configured"
            raise ModelError(f"{path}: {name} {found}; change no setting that decides a weight's shape")
    if not taken:
        raise ModelError(f"{path}: nothing of this checkpoint fits the recipe's model; give another init")
    before = {branch.name: set(branch.classes) for branch in own.branches}
    names = {branch.name: (branch.classes, before.get(branch.name, set())) for branch in config.branches}
    kept = {branch: tuple(one for one in classes if one in known) for branch, (classes, known) in names.items()}
    begun = {branch: tuple(one for one in classes if one not in known) for branch, (classes, known) in names.items()}
    return model, Start(tuple(taken), tuple(mapped), tuple(fresh), kept, begun)


def _shared_classes(before: ModelConfig, after: ModelConfig) -> dict[str, list[tuple[int, int]]]:
    """By box head, the columns of its class logits after and before: of classes that both have, then the background."""
    known = {branch.name: branch.classes for branch in before.branches}
    return {
        f"{branch.scope}_box": [
            *((i, known[branch.name].index(c)) for i, c in enumerate(branch.classes) if c in known[branch.name]),
            (branch.num_classes, len(known[branch.name])),
        ]
        for branch in after.branches
        if branch.name in known
    }


def _load_weights(model: MaskRCNN, path: Path, mend: str) -> None:
    """Set every variable of `model` from an .npz that `save_model` wrote.

    Args:
        mend: what to do where they do not fit.

    Raises: ModelError if an array is missing, too many or of another shape.
    """
    arrays = read_arrays(path)
    variables = named_weights(model)
    if different := sorted(set(arrays) ^ set(variables)):
        raise ModelError(f"{path}: weights do not fit the configuration, {different[0]} for one; {mend}")
    for name, variable in variables.items():
        if arrays[name].shape != tuple(variable.shape):
            raise ModelError(
                f"{path}: {name} has shape {arrays[name].shape}, not {tuple(variable.shape)} as configured; {mend}"
            )
    for name, variable in variables.items():
        variable.assign(arrays[name].astype("float32"))
