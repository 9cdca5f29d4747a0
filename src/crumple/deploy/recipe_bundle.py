"""A recipe and everything beside it that it names, as one folder that goes to a training container."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from crumple.errors import DataError
from crumple.strict_yaml import read_yaml
from crumple.train.recipe import read_recipe

RECIPE_CHANNEL, DATA_CHANNEL = "recipe", "data"
RECIPE = "recipe.yaml"
DATA = "data.yaml"
INIT = "init"
CHECKPOINT_FILES = ("config.json", "weights.npz")


@contextmanager
def bundle(recipe: Path) -> Iterator[dict[str, Path]]:
    """Name in the folder -> file: recipe, data file, label maps, starting weights. The photos stay where they are.

    Paths in it are relative to it, and the data file's own `root` is gone: the container has the data elsewhere.
    Raises DataError if something that the recipe names is missing.
    """
    settings = read_recipe(recipe)  # checks it
    values = {key: value for key, value in read_yaml(recipe).items() if key != "root"} | {"data": DATA}
    data = {key: value for key, value in read_yaml(settings.data).items() if key != "root"}
    files: dict[str, Path] = {}
    for number, entry in enumerate(data.get("sets") or []):
        labels = entry.get("labels", "") if isinstance(entry, dict) else ""
        if str(labels).endswith((".yaml", ".yml")):
            files[f"labels-{number}.yaml"] = settings.data.parent / labels
            entry["labels"] = f"labels-{number}.yaml"
    if settings.init:
        values["init"] = INIT
        files |= {f"{INIT}/{name}": settings.init / name for name in CHECKPOINT_FILES}
    if settings.backbone_weights:
        values["backbone_weights"] = "backbone.npz"
        files["backbone.npz"] = settings.backbone_weights
    for path in files.values():
        if not path.is_file():
            raise DataError(f"{recipe}: names {path}, and there is no such file")
    with tempfile.TemporaryDirectory(prefix="crumple-recipe-") as folder:
        for name, content in ((RECIPE, values), (DATA, data)):
            files[name] = Path(folder) / name
            files[name].write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        yield files
