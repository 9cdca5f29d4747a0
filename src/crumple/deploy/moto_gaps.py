"""What moto's SageMaker lacks and `crumple deploy` asks for, done to moto's own memory. For the stand-in only."""

from collections.abc import Callable
from typing import Any

Answer = dict[str, Any]


class MissingError(Exception):
    """What was asked about is not there."""


def backend() -> Any:
    """moto's memory of the stand-in's account and region."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.sagemaker.models import sagemaker_backends

    return sagemaker_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]


def update_endpoint(asked: dict[str, Any]) -> Answer:
    """At once, and without a blue or a green fleet."""
    endpoint, config = asked["EndpointName"], asked["EndpointConfigName"]
    if endpoint not in backend().endpoints or config not in backend().endpoint_configs:
        raise MissingError(f"Could not find endpoint {endpoint} or configuration {config}")
    backend().endpoints[endpoint].endpoint_config_name = config
    return {"EndpointArn": backend().endpoints[endpoint].arn}


def delete_model_package(asked: dict[str, Any]) -> Answer:
    """One version."""
    if backend().model_packages.pop(asked["ModelPackageName"], None) is None:
        raise MissingError(f"Could not find model package {asked['ModelPackageName']}")
    return {}


def delete_model_package_group(asked: dict[str, Any]) -> Answer:
    """An empty group."""
    name = asked["ModelPackageGroupName"]
    if name not in backend().model_package_groups:
        raise MissingError(f"Could not find model package group {name}")
    if any(package.model_package_group_name == name for package in backend().model_packages.values()):
        raise MissingError(f"Model package group {name} still has versions")
    del backend().model_package_groups[name]
    return {}


def remember_isolation(asked: dict[str, Any]) -> None:
    """moto forgets it of a model that was made."""
    backend()._models[asked["ModelName"]].enable_network_isolation = asked.get("EnableNetworkIsolation", False)


GAPS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "SageMaker.UpdateEndpoint": update_endpoint,
    "SageMaker.DeleteModelPackage": delete_model_package,
    "SageMaker.DeleteModelPackageGroup": delete_model_package_group,
}
