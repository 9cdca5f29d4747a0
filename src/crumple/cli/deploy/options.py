"""What the commands of `crumple deploy` share: options, the account, and how they talk."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from crumple.deploy.aws.account import Account
    from crumple.deploy.description import Deployment

Name = Annotated[str | None, typer.Argument(help="The deployment's name. [default: the file's]", show_default=False)]
NeededName = Annotated[str, typer.Argument(help="The deployment's name.", show_default=False)]
File = Annotated[Path | None, typer.Option("--file", help="YAML file that describes it.", show_default=False)]
Model = Annotated[
    str | None,
    typer.Option(
        help="Exported model folder, model.tar.gz, or s3:// of one. [default: what ships]", show_default=False
    ),
]
Image = Annotated[str | None, typer.Option(help="Container image in ECR.", show_default=False)]
Role = Annotated[str | None, typer.Option(help="ARN of the execution role.", show_default=False)]
Bucket = Annotated[str | None, typer.Option(help="s3:// folder that packages go to.", show_default=False)]
Region = Annotated[str | None, typer.Option(help="AWS region. [default: your AWS settings]", show_default=False)]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Any other field: FIELD=VALUE, as endpoint.capture.percent=20.", show_default=False),
]
Photo = Annotated[
    Path | None,
    typer.Option(help="Photo that package and endpoint are asked about. [default: a sample]", show_default=False),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show every request in its order and send none.")]
Poll = Annotated[float, typer.Option(min=0.01, help="Seconds between two looks while waiting.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the end.")]
InstanceType = Annotated[str | None, typer.Option(help="As ml.c5.xlarge.", show_default=False)]


def say(line: str) -> None:
    """Progress and side remarks: to stderr, so that stdout is the result."""
    print(line, file=sys.stderr, flush=True)


def open_account(region: str | None, *, dry: bool = False, poll: float = 15.0) -> "Account":
    """The account, or one that only shows what it would be asked."""
    from crumple.deploy.aws.account import Aws
    from crumple.deploy.aws.account import DryRun as Shown

    account = Shown(print, region) if dry else Aws(region)
    account.poll = poll
    return account


def described(name: str | None, file: Path | None, settings: list[str] | None, **fields: Any) -> "Deployment":
    """File, then --set, then options of their own."""
    from crumple.deploy.description import read_deployment, setting

    chosen = dict(setting(text) for text in settings or [])
    return read_deployment(name, file, chosen | {key: value for key, value in fields.items() if value is not None})


def hyperparameters(given: list[str] | None) -> dict[str, Any]:
    """FIELD=VALUE of a recipe as a field of a description: the value stays text, as SageMaker wants it."""
    from crumple.deploy.description import setting

    fields = {setting(text)[0]: text.partition("=")[2] for text in given or []}
    return {"training.hyperparameters": fields} if fields else {}
