"""`crumple deploy endpoint update`: another model, image or configuration behind a running endpoint."""

from typing import Annotated

import typer

from crumple.cli.deploy import options as o
from crumple.cli.deploy.endpoint.options import Wanted


def deploy_endpoint_update(
    wanted: Wanted,
    photo: o.Photo = None,
    region: o.Region = None,
    poll: o.Poll = 15.0,
    back: Annotated[bool, typer.Option("--back", help="To the configuration before the present one instead.")] = False,
    dry_run: o.DryRun = False,
) -> None:
    """Another model, image or configuration behind a running endpoint: blue/green, back by itself if its alarms go off
    or if its answers are not its package's.
    """
    from crumple.deploy.endpoint.life import go_back, update
    from crumple.deploy.names import named
    from crumple.deploy.package.package import photo_to_ask

    deployment = wanted.deployment(region)
    account = o.open_account(deployment.region, dry=dry_run, poll=poll)
    if back:
        go_back(account, deployment, o.say)
    else:
        update(account, deployment, photo_to_ask(photo), o.say)
    if not dry_run:
        print(f"endpoint {named(deployment.name)} is {'back' if back else 'updated'} and in service")
