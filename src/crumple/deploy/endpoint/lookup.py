"""A deployment's endpoint as AWS describes it."""

from typing import Any

from crumple.deploy.aws.account import Account
from crumple.deploy.errors import AwsError, DeployError
from crumple.deploy.names import check_name, named


def endpoint_of(account: Account, deployment: str) -> dict[str, Any]:
    """describe_endpoint. Raises DeployError if there is no such endpoint."""
    name = named(check_name(deployment))
    try:
        return account.call("sagemaker", "describe_endpoint", EndpointName=name)
    except AwsError as error:
        if not error.missing:
            raise
    raise DeployError(f"{name}: there is no such endpoint in {account.region}; see `crumple deploy list`")


def config_of(account: Account, endpoint: dict[str, Any]) -> dict[str, Any]:
    """describe_endpoint_config of what an endpoint runs."""
    return account.call("sagemaker", "describe_endpoint_config", EndpointConfigName=endpoint["EndpointConfigName"])
