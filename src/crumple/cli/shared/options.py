"""Options that several commands take with the same words."""

from pathlib import Path
from typing import Annotated

import typer

_MODEL = typer.Option(help="Exported model folder. [default: the one that ships]", show_default=False)

Model = Annotated[Path | None, _MODEL]
ModelText = Annotated[str | None, _MODEL]  # as it was given, for records
Rules = Annotated[
    Path | None, typer.Option(help="Severity rules, YAML. [default: those that ship]", show_default=False)
]
MinScore = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Lowest score kept. [default: the model's own thresholds]", show_default=False),
]
Accurate = Annotated[
    bool,
    typer.Option("--accurate", help="Look at each photo and its mirror image: twice the time, better boxes and masks."),
]
Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Root = Annotated[Path | None, typer.Option(help="Folder of the data, in place of the data file's own root.")]
