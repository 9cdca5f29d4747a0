"""`crumple deploy endpoint update`."""

from typing import Annotated

import typer

from crumple.cli import deploy_options as o


def deploy_endpoint_update(
    name: o.Name = None,
    file: o.File = None,
    model: o.Model = None,
    image: o.Image = None,
    role: o.Role = None,
    bucket: o.Bucket = None,
    instance_type: o.InstanceType = None,
    serverless: o.Serverless = False,
    async_out: o.AsyncOut = None,
    least: o.Min = None,
    most: o.Max = None,
    target_invocations: o.Target = None,
    settings: o.Set = None,
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

    fields = o.endpoint_fields(instance_type, serverless, async_out, least, most, target_invocations)
    deployment = o.described(
        name, file, settings, model=model, image=image, role=role, bucket=bucket, region=region, **fields
    )
    account = o.open_account(deployment.region, dry=dry_run, poll=poll)
    if back:
        go_back(account, deployment, o.say)
    else:
        update(account, deployment, photo_to_ask(photo), o.say)
    if not dry_run:
        print(f"endpoint {named(deployment.name)} is {'back' if back else 'updated'} and in service")
