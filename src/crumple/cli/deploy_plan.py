"""`crumple deploy plan`."""

import typer

from crumple.cli import deploy_options as o


def deploy_plan(
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
    region: o.Region = None,
) -> None:
    """What `endpoint create` or `update` would change: + is new, - goes, ~ changes. Exit code 1 if anything differs."""
    from crumple.deploy.endpoint.plan import package_sha256, plan

    fields = o.endpoint_fields(instance_type, serverless, async_out, least, most, target_invocations)
    deployment = o.described(
        name, file, settings, model=model, image=image, role=role, bucket=bucket, region=region, **fields
    ).need("image", "role", "bucket")
    differences = plan(o.open_account(deployment.region), deployment, package_sha256(deployment))
    for difference in differences:
        print(difference)
    if differences:
        raise typer.Exit(1)
    print("nothing differs")
