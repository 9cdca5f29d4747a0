"""`crumple deploy register`: the model as a new version in SageMaker's model registry."""

from typing import Annotated

import typer

from crumple.cli.deploy import options as o


def deploy_register(
    name: o.Name = None,
    file: o.File = None,
    model: o.Model = None,
    image: o.Image = None,
    bucket: o.Bucket = None,
    settings: o.Set = None,
    photo: o.Photo = None,
    region: o.Region = None,
    approved: Annotated[bool, typer.Option("--approved", help="Approve it at once.")] = False,
    dry_run: o.DryRun = False,
) -> None:
    """A new version in SageMaker's model registry, in the group crumple-NAME."""
    from crumple.deploy.package.package import photo_to_ask
    from crumple.deploy.package.registry import register

    deployment = o.described(name, file, settings, model=model, image=image, bucket=bucket, region=region)
    account = o.open_account(deployment.region, dry=dry_run)
    version = register(account, deployment, photo_to_ask(photo), o.say, approved)
    if not dry_run:
        print(version)
