"""`crumple deploy plan`: what `endpoint create` or `update` would change on AWS, with nothing changed."""

import typer

from crumple.cli.deploy import options as o
from crumple.cli.deploy.endpoint.options import Wanted


def deploy_plan(
    wanted: Wanted,
    region: o.Region = None,
) -> None:
    """What `endpoint create` or `update` would change: + is new, - goes, ~ changes. Exit code 1 if anything differs."""
    from crumple.deploy.endpoint.plan import package_sha256, plan

    deployment = wanted.deployment(region).need("image", "role", "bucket")
    differences = plan(o.open_account(deployment.region), deployment, package_sha256(deployment))
    for difference in differences:
        print(difference)
    if differences:
        raise typer.Exit(1)
    print("nothing differs")
