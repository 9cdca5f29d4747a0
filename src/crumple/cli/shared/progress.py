"""Progress over photos, on stderr: a bar where there is a terminal, and lines beside it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


def photo_progress() -> "tuple[Progress, Callable[..., None]]":
    """A progress bar to be entered, and a function that prints a line of plain words above it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    return progress, partial(console.print, markup=False, highlight=False, soft_wrap=True)
