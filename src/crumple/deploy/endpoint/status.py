"""How an endpoint is, in lines."""

from collections.abc import Iterator
from typing import Any

from crumple.deploy import requests
from crumple.deploy.aws.account import Account
from crumple.deploy.aws.logs import ENDPOINTS, last_lines
from crumple.deploy.endpoint.life import describe
from crumple.deploy.endpoint.lookup import config_of, endpoint_of
from crumple.deploy.names import named


def status(account: Account, deployment: str) -> Iterator[str]:
    """Status, what runs, scaling, capture, alarms, last log lines. Raises DeployError if there is no such endpoint."""
    name = named(deployment)
    endpoint = endpoint_of(account, deployment)
    yield describe(endpoint)
    if reason := endpoint.get("FailureReason"):
        yield f"reason: {reason}"
    config = config_of(account, endpoint)
    yield f"configuration: {endpoint['EndpointConfigName']}, {_kind(config)}"
    for variant in config["ProductionVariants"]:
        model = account.call("sagemaker", "describe_model", ModelName=variant["ModelName"])["PrimaryContainer"]
        yield f"model: {variant['ModelName']}, {model.get('ModelDataUrl')}"
        yield f"image: {model.get('Image')}"
    if capture := config.get("DataCaptureConfig"):
        yield f"captured: {capture['InitialSamplingPercentage']} % to {capture['DestinationS3Uri']}"
    common = requests.scalable(deployment)
    targets = account.call(
        "application-autoscaling", "describe_scalable_targets", ResourceIds=[common.pop("ResourceId")], **common
    )
    for target in targets["ScalableTargets"]:
        yield f"scaling: {target['MinCapacity']} to {target['MaxCapacity']} instances"
    alarms = account.call("cloudwatch", "describe_alarms", AlarmNamePrefix=f"{name}-", StateValue="ALARM")
    for alarm in alarms["MetricAlarms"]:
        yield f"alarm: {alarm['AlarmName']}: {alarm.get('StateReason', '')}"
    for line in last_lines(account, f"{ENDPOINTS}/{name}"):
        yield f"log: {line}"


def _kind(config: dict[str, Any]) -> str:
    variant = config["ProductionVariants"][0]
    if limits := variant.get("ServerlessConfig"):
        return f"serverless, {limits['MemorySizeInMB']} MB, {limits['MaxConcurrency']} at a time"
    if output := config.get("AsyncInferenceConfig"):
        return f"async on {variant['InstanceType']}, answers in {output['OutputConfig']['S3OutputPath']}"
    return f"real time on {variant['InstanceType']}"
