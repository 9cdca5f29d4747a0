"""The container image, built by docker from the repository's Dockerfile."""

import shlex
import subprocess
from pathlib import Path
from typing import Literal

from crumple.deploy.aws.account import Say
from crumple.deploy.errors import DeployError

Target = Literal["serve", "train", "beam"]


def build_commands(tag: str, target: Target, repository: Path, *, push: bool, root: bool = False) -> list[list[str]]:
    """The docker commands that make the image, and take it to its registry.

    root: run as root in the container, for where a volume turns out to be closed to others.
    """
    build = ["docker", "build", "--file", str(repository / "Dockerfile"), "--target", target, "--tag", tag]
    build += ["--platform", "linux/amd64", "--provenance=false"]  # SageMaker takes no image index
    if root:
        build += ["--build-arg", "RUN_AS=root"]
    return [[*build, str(repository)], *([["docker", "push", tag]] if push else [])]


def run(commands: list[list[str]], say: Say, *, dry: bool) -> None:
    """Run them one after another, or only show them. Raises DeployError at the first that fails."""
    for command in commands:
        say(shlex.join(command))
        if dry:
            continue
        try:
            done = subprocess.run(command, check=False)
        except FileNotFoundError:
            raise DeployError(
                "docker is not installed: see docs.docker.com, or use --dry-run and build elsewhere"
            ) from None
        if done.returncode:
            raise DeployError(
                f"`{shlex.join(command[:2])}` failed with exit code {done.returncode}; its reason is above"
            )


def check_repository(repository: Path) -> None:
    """Raises DeployError if the Dockerfile is not there: an installed package has none."""
    if not (repository / "Dockerfile").is_file():
        raise DeployError(f"{repository}: has no Dockerfile; run this in a checkout of crumple, or give --repository")
