"""`crumple deploy package`: an exported model as model.tar.gz."""

from pathlib import Path
from typing import Annotated

import typer

from crumple.cli.deploy.options import Photo
from crumple.cli.shared.out_folder import writing_to


def deploy_package(
    model: Annotated[
        Path | None, typer.Argument(help="Exported model folder. [default: the one that ships]", show_default=False)
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("model.tar.gz"),
    photo: Photo = None,
) -> None:
    """An exported model as model.tar.gz, written only if what is in it loads and answers about a photo.

    The same model gives the same bytes.
    """
    from crumple.deploy.package.package import make_package, photo_to_ask
    from crumple.detect.released import released_model

    asked = photo_to_ask(photo)
    with writing_to(out.parent):
        answer = make_package(model or released_model(), out, asked)
    print(f"{answer.model.name} {answer.model.version}: {len(answer.parts)} parts, {len(answer.findings)} findings")
    print(f"{out}  {out.stat().st_size / 1e6:.1f} MB")
