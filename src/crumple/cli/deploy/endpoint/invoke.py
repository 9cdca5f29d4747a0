"""`crumple deploy endpoint invoke`: a photo sent to an endpoint, and what it answers."""

from pathlib import Path
from typing import Annotated

import typer

from crumple.cli.deploy import options as o


def deploy_endpoint_invoke(
    name: o.NeededName,
    photo: Annotated[Path, typer.Argument(help="The photo.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Print the whole assessment as JSON.")] = False,
    region: o.Region = None,
    poll: o.Poll = 2.0,
) -> None:
    """A photo to an endpoint, what was found back. An async endpoint may first have to start an instance."""
    from crumple.cli.tables.findings import print_assessment
    from crumple.deploy.endpoint.ask import ask
    from crumple.deploy.package.package import photo_to_ask

    answer = ask(o.open_account(region, poll=poll), name, photo_to_ask(photo), photo.name)
    if json:
        print(answer.model_dump_json(indent=2))
    else:
        print_assessment(answer)
