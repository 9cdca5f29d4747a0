"""`crumple deploy image`: the container image, with docker."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crumple.cli.deploy.options import say


class Target(StrEnum):
    """Targets of the Dockerfile."""

    serve = "serve"
    train = "train"
    beam = "beam"


def deploy_image(
    tag: Annotated[str, typer.Option(help="As crumple:1.0, or with the registry's name before it.")],
    target: Annotated[Target, typer.Option(help="serve; train (trains and serves); beam (Dataflow).")] = Target.serve,
    repository: Annotated[Path, typer.Option(help="Checkout of crumple.")] = Path(),
    push: Annotated[bool, typer.Option("--push", help="Push it too.")] = False,
    root: Annotated[bool, typer.Option("--root", help="Run as root in the container.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the commands and run none.")] = False,
) -> None:
    """Build the image that SageMaker (or Dataflow) runs, and push it."""
    from crumple.deploy.image import build_commands, check_repository, run

    check_repository(repository)
    commands = build_commands(tag, target.value, repository, push=push, root=root)
    run(commands, print if dry_run else say, dry=dry_run)
