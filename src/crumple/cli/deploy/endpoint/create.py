"""`crumple deploy endpoint create`: from a model to an endpoint in service."""

from crumple.cli.deploy import options as o
from crumple.cli.deploy.endpoint.options import Wanted


def deploy_endpoint_create(
    wanted: Wanted,
    photo: o.Photo = None,
    region: o.Region = None,
    poll: o.Poll = 15.0,
    dry_run: o.DryRun = False,
) -> None:
    """From a model to an endpoint in service. The package is asked about a photo before it is uploaded, the endpoint
    after; the answers must match. What fails takes back what was made.
    """
    from crumple.deploy.endpoint.life import create
    from crumple.deploy.names import named
    from crumple.deploy.package.package import photo_to_ask

    deployment = wanted.deployment(region)
    account = o.open_account(deployment.region, dry=dry_run, poll=poll)
    create(account, deployment, photo_to_ask(photo), o.say)
    if not dry_run:
        print(
            f"endpoint {named(deployment.name)} is in service; it costs until `crumple deploy endpoint delete` ends it"
        )
