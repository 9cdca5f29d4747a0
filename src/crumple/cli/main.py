"""`crumple`: one command per stage of the loop. Only the command that runs is imported, so that help comes at once."""

import functools
import importlib
import inspect
import keyword
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from crumple import __version__
from crumple.cli.shared.option_groups import flat
from crumple.errors import CrumpleError

# name -> what it does, in the order in which data flows. `crumple/cli/<name>.py` holds a function of that name; or, for
# a group, `crumple/cli/<name>/__init__.py` holds COMMANDS like these, and the function of its command <sub> is
# <name>_<sub> in `crumple/cli/<name>/<sub>.py` (`import_.py` for import).
COMMANDS = {
    "collect": "Photos from Flickr, Wikimedia Commons or Openverse, with their licences.",
    "prepare": "Collected photos in, a clean, documented photo set out.",
    "label": "Photos to CVAT, drafted by the model, and the reviewed labels back.",
    "train": "Train a model from a recipe.",
    "evaluate": "Measure a model on labelled photos, or tell which of two is better.",
    "export": "Turn a checkpoint into ONNX and OpenVINO, checked equal before it is written.",
    "assess": "Photos of vehicles in, a damage report out.",
    "inspect": "Photos of one vehicle in, one list of its damages and panels out.",
    "watch": "Video or a camera in, one report out in which each damage stands once.",
    "serve": "An HTTP service with inspections that are kept, and a page.",
    "deploy": "To AWS SageMaker: package, image, endpoints, batch and training jobs; and back out.",
    "bench": "What crumple takes on this machine, in about a minute.",
    "demo": "Assess the sample photos that come with crumple.",
}


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"crumple {__version__}")
        raise typer.Exit


def _about(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Photos of vehicles in, an itemised damage report out; and the loop that makes the model."""


def _not_loaded() -> None:
    """Stands in the list for a command that was not asked for."""


def _interruptible(command: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def interruptible(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except KeyboardInterrupt:  # Typer would end with 130 too, and say nothing
            print("interrupted", file=sys.stderr)
            raise typer.Exit(130) from None

    return interruptible


class _Command(TyperCommand):
    """A command whose help is plain text in paragraphs.

    Typer hands it to rich, which would take "[default: all]" for markup and drop it, and keep the source's line ends.
    """

    def format_help(self, *arguments: Any) -> None:
        from rich.markup import escape

        paragraphs = inspect.cleandoc(self.help or "").split("\n\n")
        self.help = escape("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs))
        for option in self.params:
            option.help = escape(option.help or "")  # type: ignore[attr-defined]
        super().format_help(*arguments)


def make_app(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: all commands are listed, the one that is asked for is real."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)
    app.callback()(_about)
    _add_commands(app, COMMANDS, arguments)
    return app


def _add_commands(
    app: typer.Typer, commands: dict[str, str], arguments: Sequence[str], group: Sequence[str] = ()
) -> None:
    words = [argument for argument in arguments if not argument.startswith("-")]
    for name, description in commands.items():
        if name not in words[:1]:
            app.command(name, help=description)(_not_loaded)
            continue
        file = name.replace("-", "_")
        path = [*group, f"{file}_" if keyword.iskeyword(file) else file]
        module = importlib.import_module(".".join(["crumple.cli", *path]))
        if hasattr(module, "COMMANDS"):
            below = typer.Typer(no_args_is_help=True)
            _add_commands(below, module.COMMANDS, words[1:], path)
            app.add_typer(below, name=name, help=description)
        else:
            function = getattr(module, "_".join([*group, file]))
            app.command(name, cls=_Command)(_interruptible(flat(function)))


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Bad input ends as one line on stderr and exit code 2, an interrupt with 130, SIGTERM with 143."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        _refuse_empty(arguments)
        make_app(arguments)(arguments, prog_name="crumple")
    except CrumpleError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"error: {error.filename or 'file system'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(2)
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:
    """End by an exception, as an interrupt does: unlike the default, that leaves no temporary file behind."""
    sys.exit(128 + number)


def _refuse_empty(arguments: Sequence[str]) -> None:
    """An empty value, often an unset variable of a script, would be taken for the current folder."""
    for i, argument in enumerate(arguments):
        if not argument or (argument.startswith("--") and argument.endswith("=")):
            where = shlex.join(arguments[max(0, i - 1) : i + 1])
            raise CrumpleError(f"{where}: an empty value; give one, or leave it away")
