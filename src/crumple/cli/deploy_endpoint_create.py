"""`crumple deploy endpoint create`."""

from crumple.cli import deploy_options as o


def deploy_endpoint_create(
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
    dry_run: o.DryRun = False,
) -> None:
    """From a model to an endpoint in service. The package is asked about a photo before it is uploaded, the endpoint
    after; the answers must match. What fails takes back what was made.
    """
    from crumple.deploy.endpoint.life import create
    from crumple.deploy.names import named
    from crumple.deploy.package.package import photo_to_ask

    fields = o.endpoint_fields(instance_type, serverless, async_out, least, most, target_invocations)
    deployment = o.described(
        name, file, settings, model=model, image=image, role=role, bucket=bucket, region=region, **fields
    )
    account = o.open_account(deployment.region, dry=dry_run, poll=poll)
    create(account, deployment, photo_to_ask(photo), o.say)
    if not dry_run:
        print(
            f"endpoint {named(deployment.name)} is in service; it costs until `crumple deploy endpoint delete` ends it"
        )
