"""`crumple deploy endpoint delete`: an endpoint removed, with all that was made for it."""

from crumple.cli.deploy import options as o


def deploy_endpoint_delete(name: o.NeededName, region: o.Region = None, poll: o.Poll = 15.0) -> None:
    """Delete an endpoint with its scaling, configurations, models and alarms. What lies in S3 stays."""
    from crumple.deploy.errors import DeployError
    from crumple.deploy.inventory import ENDPOINT_KINDS, remove_all
    from crumple.deploy.names import check_name, named

    if not remove_all(o.open_account(region, poll=poll), check_name(name), o.say, ENDPOINT_KINDS):
        raise DeployError(f"{named(name)}: there is no such endpoint of ours; see `crumple deploy list`")
    print(f"endpoint {named(name)} is gone; packages and captures in S3 stay")
