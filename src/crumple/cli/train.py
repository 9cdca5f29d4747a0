"""`crumple train RECIPE`: a training run with progress, or the rest of one that was interrupted."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from crumple.cli.shared import options as o
from crumple.cli.shared.interrupts import interrupts
from crumple.errors import DataError, MissingExtraError
from crumple.invalid import first_complaint
from crumple.train.recipe import read_recipe


def train(
    recipe: Annotated[Path, typer.Argument(help="YAML file that decides the run; see recipes/.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default runs/NAME.")] = None,
    root: o.Root = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser steps, in place of the recipe's.")] = None,
) -> None:
    """Train a model from a recipe; run it again to go on where it stopped.

    The first Ctrl-C saves the run after the present step; a second one, like SIGTERM, ends it at once.
    """
    settings = read_recipe(recipe)
    try:
        settings = dataclasses.replace(settings, root=root or settings.root, steps=steps or settings.steps)
    except ValidationError as error:
        raise DataError(f"--steps {steps}: {first_complaint(error)}") from None
    try:
        from crumple.evaluate.in_training import validation
        from crumple.train.callbacks import Stopped
        from crumple.train.loop import train as run_training
        from crumple.train.progress import TrainingProgress
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "jax" if error.name == "jax" else "train") from None

    folder = out or Path("runs") / settings.name
    console = Console()
    words = "stopping after this step; Ctrl-C again drops what is not saved"
    try:
        with TrainingProgress(settings, console) as progress, interrupts(console.print, words) as interrupted:

            def end() -> None:
                if interrupted():
                    raise Stopped

            validate = validation(settings, end)
            if validate is None:
                console.print(
                    "warning: nothing is validated (validate_epochs is 0, or no set in the batch has val photos): "
                    "best/ will be the last weights, good or not",
                    soft_wrap=True,
                )
            best = run_training(
                settings, folder, validate, callbacks=[progress.callback], stop=interrupted, say=console.print
            )
    except Stopped:
        console.print("stopped: run it again to go on from this step")
        raise typer.Exit(130) from None
    except (KeyboardInterrupt, SystemExit):
        console.print("ended: run it again to go on from what was last saved")
        raise
    console.print(f"checkpoint: {best}\nlog: {folder / 'log.jsonl'}")
