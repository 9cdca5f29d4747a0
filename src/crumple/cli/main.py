"""`crumple`: one command per stage of the loop. Each command's file is imported only when that command runs."""

import importlib
import sys
from collections.abc import Sequence

import click
import typer
from typer.main import get_command

from crumple import __version__
from crumple.errors import CrumpleError

# name -> what it does, in the order in which data flows. `crumple/cli/<name>.py` holds a function of that name.
COMMANDS = {
    "train": "Train a model from a recipe.",
    "evaluate": "Measure a model on labelled photos: COCO box and mask AP.",
    "export": "Turn a checkpoint into ONNX and OpenVINO, checked equal before it is written.",
    "assess": "Photos of vehicles in, a damage report out.",
    "demo": "Assess the sample photos that come with crumple.",
}


class LazyGroup(click.Group):
    """Lists commands without importing them, so that `crumple --help` starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        function = getattr(importlib.import_module(f"crumple.cli.{cmd_name}"), cmd_name)
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(name=cmd_name)(function)
        return get_command(app)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crumple")
def cli() -> None:
    """Photos of vehicles in, an itemised damage report out; and the loop that makes the model."""


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Bad input ends as one line on stderr and exit code 2; an interrupt as exit code 130."""
    try:
        cli.main(args=arguments, prog_name="crumple")
    except CrumpleError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
