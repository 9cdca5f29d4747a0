"""Jobs that come to an end by themselves: batch transform, and training."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from crumple.deploy import requests
from crumple.deploy.aws.account import Account, Say
from crumple.deploy.aws.logs import TRAINING, TRANSFORM, last_lines
from crumple.deploy.aws.made import Made
from crumple.deploy.aws.s3 import encrypted
from crumple.deploy.aws.waiting import wait_for
from crumple.deploy.description import Deployment, s3_parts
from crumple.deploy.endpoint.life import make_model
from crumple.deploy.errors import DeployError
from crumple.deploy.names import named, tags
from crumple.deploy.package.package import package_of
from crumple.deploy.recipe_bundle import DATA_CHANNEL, RECIPE_CHANNEL, bundle

Answer = dict[str, Any]  # of AWS
CHECKPOINTS = "/opt/ml/checkpoints"
BUSY = ("InProgress", "Stopping", "Pending")
# What the container prints at the end of each epoch, as CloudWatch reads it.
METRICS = {
    "loss": r"^step \d+  loss ([0-9.]+)",
    **{
        f"{branch}_{kind}_ap": rf"\b{branch}/{kind}_ap ([0-9.]+)"
        for branch in ("parts", "damage")
        for kind in ("mask", "box")
    },
}


def batch(
    account: Account, deployment: Deployment, source: str, out: str, photo: bytes, say: Say, wait: bool = True
) -> str:
    """Assess every photo below `source` (s3://) into `out` (s3://); the job's name.

    How photos are sent, the container says itself (GET /execution-parameters). The model goes when the job is done.
    """
    deployment.need("image", "role", "bucket")
    job = _job_name(deployment)
    with package_of(account, deployment, photo, say) as (package, _), Made(account, deployment.name, say) as made:
        model = make_model(account, deployment, package, made)
        request = transform_request(deployment, job, model, source, out)
        what, key = f"transform job {job}", "TransformJobStatus"
        made.make(what, partial(account.call, "sagemaker", "create_transform_job", **request), None)
        if not wait:
            return job
        look = partial(account.call, "sagemaker", "describe_transform_job", TransformJobName=job)
        _wait(account, made, what, look, key, lambda found: f"{job}: {found[key]}", TRANSFORM, say)
    account.find("sagemaker", "delete_model", ModelName=model)
    return job


def transform_request(deployment: Deployment, job: str, model: str, source: str, out: str) -> dict[str, Any]:
    """create_transform_job."""
    key = deployment.kms_key
    return {
        "TransformJobName": job,
        "ModelName": model,
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
            "ContentType": deployment.batch.content_type,
            "SplitType": "None",
        },
        "TransformOutput": {"S3OutputPath": out, "Accept": "application/json", "AssembleWith": "None"}
        | ({"KmsKeyId": key} if key else {}),
        "TransformResources": {
            "InstanceType": deployment.batch.instance_type,
            "InstanceCount": deployment.batch.instances,
        }
        | ({"VolumeKmsKeyId": key} if key else {}),
        "Tags": tags(deployment.name, deployment.tags),
    }


def train(
    account: Account, deployment: Deployment, recipe: Path, data: str, out: str, say: Say, wait: bool = True
) -> str:
    """Run a recipe on AWS; the s3:// URL of the model it makes, which can be deployed as it is.

    The recipe and what it names go to `out`/NAME/recipe; checkpoints to `out`/NAME/checkpoints, where the next job of
    this name goes on, as one that spot took away does by itself.
    """
    if deployment.training.role is None:
        deployment.need("role")
    if deployment.training.image is None:
        deployment.need("image")
    job = _job_name(deployment)
    request = training_request(deployment, job, data, out)
    with bundle(recipe) as files, Made(account, deployment.name, say) as made:
        bucket, prefix = s3_parts(request["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"])
        for name, path in files.items():
            account.call(
                "s3", "put_object", Bucket=bucket, Key=f"{prefix}{name}", Body=path, **encrypted(deployment.kms_key)
            )
        what = f"training job {job}"
        made.make(what, partial(account.call, "sagemaker", "create_training_job", **request), None)
        if not wait:
            return job
        look = partial(account.call, "sagemaker", "describe_training_job", TrainingJobName=job)
        found = _wait(account, made, what, look, "TrainingJobStatus", _training_state, TRAINING, say)
    if account.dry:
        return f"{out}/{deployment.name}/model/{job}/output/model.tar.gz"
    return str(found["ModelArtifacts"]["S3ModelArtifacts"])


def training_request(deployment: Deployment, job: str, data: str, out: str) -> dict[str, Any]:
    """create_training_job."""
    settings, key = deployment.training, deployment.kms_key
    top = f"{out.rstrip('/')}/{deployment.name}"
    stopping = {"MaxRuntimeInSeconds": round(settings.hours * 3600)}
    if settings.spot:
        stopping["MaxWaitTimeInSeconds"] = round(max(settings.wait_hours, settings.hours) * 3600)
    return {
        "TrainingJobName": job,
        "AlgorithmSpecification": {
            "TrainingImage": settings.image or deployment.image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": name, "Regex": regex} for name, regex in METRICS.items()],
        },
        "RoleArn": settings.role or deployment.role,
        "HyperParameters": settings.hyperparameters,
        "Environment": settings.environment,
        "InputDataConfig": [_channel(RECIPE_CHANNEL, f"{top}/recipe/"), _channel(DATA_CHANNEL, data)],
        "OutputDataConfig": {"S3OutputPath": f"{top}/model"} | ({"KmsKeyId": key} if key else {}),
        "ResourceConfig": {
            "InstanceType": settings.instance_type,
            "InstanceCount": settings.instances,
            "VolumeSizeInGB": settings.volume_gb,
        }
        | ({"VolumeKmsKeyId": key} if key else {}),
        "StoppingCondition": stopping,
        "EnableManagedSpotTraining": settings.spot,
        "CheckpointConfig": {"S3Uri": f"{top}/checkpoints", "LocalPath": CHECKPOINTS},
        # Instances of one job talk to each other, which an isolated container may not.
        "EnableNetworkIsolation": deployment.network.isolated and settings.instances == 1,
        "EnableInterContainerTrafficEncryption": settings.instances > 1 and bool(key),
        **requests.vpc(deployment),
        "Tags": tags(deployment.name, deployment.tags),
    }


def _channel(name: str, url: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": url, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "InputMode": "File"}


def _training_state(found: dict[str, Any]) -> str:
    changes = found.get("SecondaryStatusTransitions") or [{}]
    words = [f"{found['TrainingJobName']}: {found['TrainingJobStatus']}", found.get("SecondaryStatus", "")]
    words.append(changes[-1].get("StatusMessage", ""))
    words += [f"{metric['MetricName']} {metric['Value']:.4g}" for metric in found.get("FinalMetricDataList", [])]
    return ", ".join(word for word in words if word)


def _wait(
    account: Account,
    made: Made,
    what: str,
    look: Callable[[], Answer],
    key: str,
    state: Callable[[Answer], str],
    group: str,
    say: Say,
) -> Answer:
    """Until a job has ended; what AWS says of it then. Raises DeployError with the reason if it did not end well.

    Args:
        what: kind and name of the job, as it was made.
        key: of its status in what AWS says.
        state: of the job, in words.
        group: of its logs.
    """
    found = wait_for(account, look, state, lambda found: found[key] in BUSY, say)
    made.ended(what)
    if account.dry or found[key] == "Completed":
        return found
    job = what.split()[-1]
    for line in last_lines(account, group, f"{job}/"):
        say(f"log: {line}")
    raise DeployError(f"{job} is {found[key]}: {found.get('FailureReason') or 'AWS gives no reason'}")


def _job_name(deployment: Deployment) -> str:
    return named(deployment.name, datetime.now(UTC).strftime("%m%d-%H%M%S"))
