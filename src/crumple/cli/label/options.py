"""What the commands of `crumple label` share: version folder, where CVAT is and who one is there, and bars."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from crumple.errors import CrumpleError
from crumple.label.cvat.connection import DEFAULT_URL, Login
from crumple.label.reporter import Reporter

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

VersionFolder = Annotated[Path, typer.Argument(help="Version folder.", show_default=False)]

CVAT = "CVAT"  # panel of the help page


@dataclass(frozen=True)
class Cvat:
    """Where CVAT is, and who one is there. Neither secret is shown when this is printed."""

    url: Annotated[str, typer.Option(envvar="CVAT_URL", help="The server.", rich_help_panel=CVAT)] = DEFAULT_URL
    user: Annotated[str | None, typer.Option(envvar="CVAT_USERNAME", help="Login name.", rich_help_panel=CVAT)] = None
    password: Annotated[
        str | None,
        typer.Option(envvar="CVAT_PASSWORD", help="Others see it in the list of processes.", rich_help_panel=CVAT),
    ] = field(default=None, repr=False)
    token: Annotated[
        str | None,
        typer.Option(envvar="CVAT_ACCESS_TOKEN", help="Access token, before the two.", rich_help_panel=CVAT),
    ] = field(default=None, repr=False)
    org: Annotated[
        str | None,
        typer.Option(
            envvar="CVAT_ORG", help="Short name of an organisation; '' is one's own workspace.", rich_help_panel=CVAT
        ),
    ] = None
    poll: Annotated[
        float, typer.Option(min=0.01, help="Seconds between two questions how far it is.", rich_help_panel=CVAT)
    ] = 2.0

    def login(self) -> Login:
        """Who one is; asks for a password that is missing, if somebody is there to be asked."""
        password = self.password
        if self.token is None and self.user is not None and password is None and sys.stdin.isatty():
            password = getpass(f"password of {self.user} at {self.url}: ")
        return Login(self.url, self.user, password, self.token, self.org)


def project_name(name: str | None) -> str | None:
    """Without the spaces around it, which CVAT drops: with them, every push would make a new project."""
    if name is not None and not name.strip():
        raise CrumpleError("--project: is blank; give the project's name")
    return None if name is None else name.strip()


@contextmanager
def reporting() -> Iterator[Reporter]:
    """Bars on a terminal, and lines on stderr."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Bars(console, progress)


class _Bars(Reporter):
    """One bar for each kind of work; a kind that begins again gets longer."""

    def __init__(self, console: Console, progress: "Progress") -> None:
        self._console = console
        self._progress = progress
        self._bars: dict[str, TaskID] = {}
        self._totals: dict[str, int] = {}

    def say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True, style="yellow")

    def begin(self, what: str, total: int) -> None:
        if what not in self._bars:
            self._bars[what] = self._progress.add_task(what, total=None)
        self._totals[what] = self._totals.get(what, 0) + total
        self._progress.update(self._bars[what], total=self._totals[what] or None)

    def advance(self, what: str, steps: int = 1) -> None:
        if what in self._bars:
            self._progress.advance(self._bars[what], steps)
