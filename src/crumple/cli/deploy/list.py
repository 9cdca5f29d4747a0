"""`crumple deploy list`: what crumple has made in this AWS account and region, and which of it costs."""

import sys

from crumple.cli.deploy import options as o


def deploy_list(region: o.Region = None) -> None:
    """Everything of ours in this account and region: by name and tag. What runs, and costs, comes first."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from crumple.deploy.inventory import things

    account = o.open_account(region)
    found = sorted(things(account), key=lambda thing: (not thing.costs, thing.deployment))
    if not found:
        print(f"nothing of ours in {account.region}")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("deployment", "what", "name", "status", "made", "costs"):
        table.add_column(heading, overflow="fold")
    for thing in found:
        made = thing.created.strftime("%Y-%m-%d %H:%M") if thing.created else ""
        table.add_row(thing.deployment, thing.kind, thing.name, thing.status, made, "yes" if thing.costs else "")
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    running = sum(thing.costs for thing in found)
    print(f"{len(found)} in {account.region}, {running} of them running")
