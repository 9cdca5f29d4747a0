"""`crumple deploy train RECIPE`: a recipe run as a training job on SageMaker."""

from pathlib import Path
from typing import Annotated, Any

import typer

from crumple.cli.deploy import options as o


def deploy_train(
    recipe: Annotated[Path, typer.Argument(help="YAML recipe, as for `crumple train`.", show_default=False)],
    data: Annotated[str, typer.Option(help="s3:// folder that the data file's paths are relative to.")],
    out: Annotated[str, typer.Option("--output", help="s3:// folder of model and checkpoints.")],
    name: Annotated[
        str | None, typer.Option(help="The deployment's name. [default: the file's, or the recipe's]")
    ] = None,
    file: o.File = None,
    image: Annotated[str | None, typer.Option(help="Image in ECR, of target train.", show_default=False)] = None,
    role: o.Role = None,
    instance_type: o.InstanceType = None,
    instances: Annotated[
        int | None, typer.Option(min=1, help="Instances; several need JAX.", show_default=False)
    ] = None,
    spot: Annotated[
        bool, typer.Option("--spot", help="On spare capacity: cheaper, and it may be interrupted.")
    ] = False,
    hyperparameter: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=VALUE of the recipe, as optimisation.learning_rate=1e-4.", show_default=False),
    ] = None,
    settings: o.Set = None,
    region: o.Region = None,
    poll: o.Poll = 30.0,
    no_wait: o.NoWait = False,
    dry_run: o.DryRun = False,
) -> None:
    """Run a recipe as a training job. The model that it makes can be deployed as it is. Run again with the same name,
    it goes on from the last checkpoint.
    """
    from crumple.deploy.jobs import train
    from crumple.train.recipe import read_recipe

    fields: dict[str, Any] = {
        "training.instance_type": instance_type,
        "training.instances": instances,
        "training.spot": spot or None,
        "training.image": image,
        "role": role,
        "region": region,
    }
    name = name if name or file else read_recipe(recipe).name
    deployment = o.described(name, file, settings, **fields, **o.hyperparameters(hyperparameter))
    account = o.open_account(deployment.region, dry=dry_run, poll=poll)
    model = train(account, deployment, recipe, data, out, o.say, wait=not no_wait)
    if dry_run:
        return
    if no_wait:
        print(f"{model}: begun; see `crumple deploy list`")
    else:
        print(f"{model}\ndeploy it: crumple deploy endpoint create {deployment.name} --model {model} ...")
