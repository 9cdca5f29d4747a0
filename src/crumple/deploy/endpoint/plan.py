"""What would change: a description beside what runs, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crumple.deploy import requests
from crumple.deploy.aws.account import Account
from crumple.deploy.description import Deployment
from crumple.deploy.endpoint.lookup import config_of
from crumple.deploy.names import named
from crumple.deploy.package.package import as_package, photo_to_ask
from crumple.detect.released import released_model
from crumple.files import file_sha256

IGNORED = ("Tags", "ModelName", "EndpointConfigName", "ExecutionRoleArn")


@dataclass(frozen=True)
class Difference:
    """A field, what it is (None: nothing) and what it is to be (None: nothing)."""

    field: str
    runs: Any
    wanted: Any

    def __str__(self) -> str:
        if self.runs is None:
            return f"+ {self.field}: {self.wanted}"
        if self.wanted is None:
            return f"- {self.field}: {self.runs}"
        return f"~ {self.field}: {self.runs} -> {self.wanted}"


def plan(account: Account, deployment: Deployment, sha256: str) -> list[Difference]:
    """What `endpoint create` or `update` would change; empty: nothing. Nothing is changed.

    sha256: of the package that would go up; the one that runs has it in its place in the bucket.
    """
    name = named(deployment.name)
    wanted = dict(_wanted(deployment, sha256))
    endpoint = account.find("sagemaker", "describe_endpoint", EndpointName=name)
    runs = dict(_running(account, deployment, endpoint)) if endpoint else {}
    fields = [*wanted, *(field for field in runs if field not in wanted)]
    return [Difference(f, runs.get(f), wanted.get(f)) for f in fields if runs.get(f) != wanted.get(f)]


def package_sha256(deployment: Deployment) -> str:
    """Of the package that would go up; "" for one that is in S3 already."""
    if (deployment.model or "").startswith("s3://"):
        return ""
    with as_package(Path(deployment.model) if deployment.model else released_model(), photo_to_ask(None)) as (path, _):
        return file_sha256(path)


def _wanted(deployment: Deployment, sha256: str) -> Iterator[tuple[str, Any]]:
    place = deployment.model if (deployment.model or "").startswith("s3://") else _place(deployment, sha256)
    model = requests.model_request(deployment, place or "")
    yield "role", model["ExecutionRoleArn"]
    yield from _flat("model", {key: value for key, value in model.items() if key not in IGNORED})
    config = requests.config_request(deployment, model["ModelName"])
    yield from _flat("config", {key: value for key, value in config.items() if key not in IGNORED})
    if deployment.endpoint.scaled:
        yield from _flat("scaling", requests.scaling_target(deployment) | {"policies": _told_policies(deployment)})


def _running(account: Account, deployment: Deployment, endpoint: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    config = config_of(account, endpoint)
    model = account.call("sagemaker", "describe_model", ModelName=config["ProductionVariants"][0]["ModelName"])
    asked = ("PrimaryContainer", "EnableNetworkIsolation", "VpcConfig")
    yield "role", model["ExecutionRoleArn"]
    yield from _flat("model", {key: model[key] for key in asked if key in model})
    kinds = ("ProductionVariants", "AsyncInferenceConfig", "DataCaptureConfig", "KmsKeyId")
    yield from _flat("config", {key: config[key] for key in kinds if key in config})
    common = requests.scalable(deployment.name)
    id_ = common.pop("ResourceId")
    targets = account.call("application-autoscaling", "describe_scalable_targets", ResourceIds=[id_], **common)
    for target in targets["ScalableTargets"]:
        keys = ("ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity")
        found = account.call("application-autoscaling", "describe_scaling_policies", ResourceId=id_, **common)
        policies = {p["PolicyName"]: _told_policy(p) for p in found["ScalingPolicies"]}
        yield from _flat("scaling", {key: target[key] for key in keys} | {"policies": policies})


def _told_policies(deployment: Deployment) -> dict[str, Any]:
    return {policy["PolicyName"]: _told_policy(policy) for policy in requests.scaling_policies(deployment)}


def _told_policy(policy: dict[str, Any]) -> Any:
    settings = policy.get("TargetTrackingScalingPolicyConfiguration")
    return settings["TargetValue"] if settings else policy["PolicyType"]


def _place(deployment: Deployment, sha256: str) -> str:
    return f"{(deployment.bucket or '').rstrip('/')}/{deployment.name}/models/{sha256[:16]}/model.tar.gz"


def _flat(field: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Leaves by dotted name. Names of models stand for their content, which is compared itself."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "ModelName":
                yield from _flat(f"{field}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(f"{field}[{number}]" if len(value) > 1 else field, inner)
    else:
        yield field, value
