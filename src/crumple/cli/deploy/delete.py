"""`crumple deploy delete --all-of NAME`: everything of one deployment removed from AWS, found by name and tag."""

from typing import Annotated

import typer

from crumple.cli.deploy import options as o


def deploy_delete(
    all_of: Annotated[str, typer.Option(help="The deployment's name.", show_default=False)],
    region: o.Region = None,
    poll: o.Poll = 15.0,
) -> None:
    """Everything of one deployment: endpoint, scaling, configurations, models, alarms, model group; jobs are stopped.

    Found by name and tag, so nothing else is touched. What lies in S3 and in CloudWatch's logs stays.
    """
    from crumple.deploy.inventory import remove_all
    from crumple.deploy.names import check_name

    account = o.open_account(region, poll=poll)
    count = remove_all(account, check_name(all_of), o.say)
    if count:
        print(f"{all_of}: nothing of it runs any more in {account.region}; files in S3 and logs stay")
    else:
        print(f"{all_of}: nothing of it is in {account.region}")
