"""`crumple deploy batch`: every photo of an s3:// folder assessed by a batch transform job."""

from typing import Annotated

import typer

from crumple.cli.deploy import options as o


def deploy_batch(
    source: Annotated[str, typer.Option("--input", help="s3:// folder of photos.")],
    out: Annotated[str, typer.Option("--output", help="s3:// folder of answers: PHOTO.out, one JSON each.")],
    name: Annotated[str | None, typer.Option(help="The deployment's name. [default: the file's, or batch]")] = None,
    file: o.File = None,
    model: o.Model = None,
    image: o.Image = None,
    role: o.Role = None,
    bucket: o.Bucket = None,
    instance_type: o.InstanceType = None,
    instances: Annotated[int | None, typer.Option(min=1, help="Instances.", show_default=False)] = None,
    settings: o.Set = None,
    photo: o.Photo = None,
    region: o.Region = None,
    poll: o.Poll = 15.0,
    no_wait: o.NoWait = False,
    dry_run: o.DryRun = False,
) -> None:
    """Assess every photo below an s3:// folder: instances start, work and go."""
    from crumple.deploy.jobs import batch
    from crumple.deploy.package.package import photo_to_ask

    fields = {"batch.instance_type": instance_type, "batch.instances": instances, "region": region}
    name = name if name or file else "batch"
    deployment = o.described(name, file, settings, model=model, image=image, role=role, bucket=bucket, **fields)
    account = o.open_account(deployment.region, dry=dry_run, poll=poll)
    job = batch(account, deployment, source, out, photo_to_ask(photo), o.say, wait=not no_wait)
    if not dry_run:
        print(f"{job}: {'begun; see `crumple deploy list`' if no_wait else out}")
