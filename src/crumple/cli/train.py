"""`crumple train RECIPE`: a training run with progress, or the rest of one that was interrupted."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from crumple.errors import DataError, MissingExtraError
from crumple.train.recipe import Recipe, read_recipe

if TYPE_CHECKING:
    from crumple.model.mask_rcnn import MaskRCNN


def train(
    recipe: Annotated[Path, typer.Argument(help="YAML file that decides the run; see recipes/.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default runs/NAME.")] = None,
    root: Annotated[Path | None, typer.Option(help="Folder of the data, in place of the data file's own root.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps, in place of the recipe's.")] = None,
) -> None:
    """Train a model from a recipe; run it again to go on where it stopped."""
    settings = read_recipe(recipe)
    try:
        settings = dataclasses.replace(settings, root=root or settings.root, steps=steps or settings.steps)
    except ValidationError as error:
        raise DataError(f"--steps {steps}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    try:
        from crumple.cli.training_progress import TrainingProgress
        from crumple.train.loop import train as run_training
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "jax" if error.name == "jax" else "train") from None

    folder = out or Path("runs") / settings.name
    console = Console()
    with TrainingProgress(settings, console) as progress:
        best = run_training(settings, folder, _validation(settings), callbacks=[progress.callback])
    console.print(f"checkpoint: {best}\nlog: {folder / 'log.jsonl'}")


def _validation(settings: Recipe):  # type: ignore[no-untyped-def]
    """Validation AP of a model in training, on the recipe's sets that have a val split."""
    from crumple.dataset.sets import DataFile
    from crumple.detect.detector import Detector
    from crumple.evaluate.model_folder import config_info
    from crumple.evaluate.validation import validation_ap
    from crumple.model.network import KerasNetwork
    from crumple.train.loop import read_sets

    sets = tuple(s for s in read_sets(settings).sets if s.name in settings.batch and "val" in s.splits)
    if not sets or not settings.validate_epochs:
        return None
    for data_set in sets:
        data_set.read("val", check_sizes=True)  # a broken val split is told now, not after an hour

    def validate(model: "MaskRCNN") -> dict[str, float]:
        detector = Detector(KerasNetwork(model), config_info(model.config))
        return validation_ap(detector, DataFile(sets), limit=settings.validate_photos)

    return validate
