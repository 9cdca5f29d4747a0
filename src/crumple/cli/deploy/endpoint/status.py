"""`crumple deploy endpoint status`: what runs behind an endpoint, how it scales, and what its log said last."""

from crumple.cli.deploy import options as o


def deploy_endpoint_status(name: o.NeededName, region: o.Region = None) -> None:
    """How an endpoint is: its status, what runs, how it scales, what its log said last."""
    from crumple.deploy.endpoint.status import status

    for line in status(o.open_account(region), name):
        print(line)
