"""What is there of ours: found by name and tag, listed, and taken away in the order in which AWS lets it go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crumple.deploy import requests
from crumple.deploy.aws.account import Account, Say
from crumple.deploy.aws.waiting import wait_for
from crumple.deploy.errors import AwsError
from crumple.deploy.names import PREFIX, named, owner


@dataclass(frozen=True)
class Kind:
    """One kind of thing. listing: operation and the keys of its answer. remove: None where it is told apart below."""

    title: str
    operation: str
    entries: str
    key: str  # of an entry's name: XName, XArn, XStatus
    costs: bool = False  # while it is in one of RUNNING


RUNNING = ("InService", "InProgress", "Creating", "Updating", "SystemUpdating", "RollingBack", "Stopping")
KINDS = (  # in the order of removal
    Kind("endpoint", "list_endpoints", "Endpoints", "Endpoint", costs=True),
    Kind("training job", "list_training_jobs", "TrainingJobSummaries", "TrainingJob", costs=True),
    Kind("transform job", "list_transform_jobs", "TransformJobSummaries", "TransformJob", costs=True),
    Kind("endpoint configuration", "list_endpoint_configs", "EndpointConfigs", "EndpointConfig"),
    Kind("model", "list_models", "Models", "Model"),
    Kind("model group", "list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroup"),
)
ENDPOINT_KINDS = ("endpoint", "endpoint configuration", "model", "alarm")


@dataclass(frozen=True)
class Thing:
    """Something of ours at AWS."""

    kind: str
    name: str
    deployment: str
    status: str
    created: datetime | None
    costs: bool


def things(account: Account, deployment: str | None = None) -> Iterator[Thing]:
    """Everything of one deployment, or of all: by its name and our tag, endpoints first."""
    start = named(deployment) if deployment else PREFIX
    for kind in KINDS:
        for entry in account.pages("sagemaker", kind.operation, kind.entries, NameContains=start):
            name = entry[f"{kind.key}Name"]
            if name.startswith(start):
                tags = account.call("sagemaker", "list_tags", ResourceArn=entry[f"{kind.key}Arn"])["Tags"]
                status = entry.get(f"{kind.key}Status", "")
                thing = _ours(kind.title, name, tags, deployment, status, entry.get("CreationTime"))
                if thing:
                    yield Thing(*thing, costs=kind.costs and status in RUNNING)
    for alarm in account.pages("cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=start):
        tags = account.call("cloudwatch", "list_tags_for_resource", ResourceARN=alarm["AlarmArn"])["Tags"]
        changed = alarm.get("AlarmConfigurationUpdatedTimestamp")
        thing = _ours("alarm", alarm["AlarmName"], tags, deployment, alarm.get("StateValue", ""), changed)
        if thing:
            yield Thing(*thing, costs=False)


def _ours(
    kind: str, name: str, tags: list[dict[str, str]], deployment: str | None, status: str, created: datetime | None
) -> tuple[str, str, str, str, datetime | None] | None:
    whose = owner(tags)
    if whose is None or (deployment is not None and whose != deployment):
        return None
    return kind, name, whose, status, created


def remove(account: Account, thing: Thing, say: Say) -> None:
    """Take one thing away, and say so. Jobs are stopped: AWS keeps what it writes about them, which costs nothing."""
    if thing.kind in ("training job", "transform job") and not thing.costs:
        return
    if thing.kind == "endpoint":
        remove_scaling(account, thing.deployment)
    try:
        _REMOVE[thing.kind](account, thing.name, say)
    except AwsError as error:
        if not error.missing:
            raise
    say(f"{'stopped' if thing.kind.endswith('job') else 'removed'}: {thing.kind} {thing.name}")


def remove_all(account: Account, deployment: str, say: Say, kinds: tuple[str, ...] = ()) -> int:
    """Remove everything of a deployment (or only these kinds of thing); how many there were.

    What cannot be removed does not keep the rest: it is told, and raised in the end as AwsError.
    """
    found = [thing for thing in things(account, deployment) if not kinds or thing.kind in kinds]
    last: AwsError | None = None
    for thing in found:
        try:
            remove(account, thing, say)
        except AwsError as error:
            say(f"NOT removed: {thing.kind} {thing.name}: {error}")
            last = error
    if last:
        raise last
    return len(found)


def remove_scaling(account: Account, deployment: str) -> None:
    """The endpoint's scaling with its policies, and the alarms that AWS made for them; fine if there is none."""
    account.find("application-autoscaling", "deregister_scalable_target", **requests.scalable(deployment))


def configs_of(account: Account, deployment: str) -> list[dict[str, Any]]:
    """A deployment's endpoint configurations, oldest first."""
    start = named(deployment)
    found = account.pages("sagemaker", "list_endpoint_configs", "EndpointConfigs", NameContains=start)
    ours = [
        entry
        for entry in found
        if owner(account.call("sagemaker", "list_tags", ResourceArn=entry["EndpointConfigArn"])["Tags"]) == deployment
    ]
    return sorted(ours, key=lambda entry: entry["CreationTime"])


def delete_endpoint(account: Account, name: str, say: Say) -> None:
    """Delete an endpoint and see it gone: what it uses can only be deleted after it."""
    account.call("sagemaker", "delete_endpoint", EndpointName=name)
    wait_for(
        account,
        lambda: account.find("sagemaker", "describe_endpoint", EndpointName=name) or {},
        lambda endpoint: f"{name}: {endpoint['EndpointStatus']}" if endpoint else f"{name}: gone",
        lambda endpoint: endpoint.get("EndpointStatus") == "Deleting",
        say,
    )


def _delete_group(account: Account, name: str, say: Say) -> None:
    listed = account.pages("sagemaker", "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=name)
    for package in list(listed):
        account.call("sagemaker", "delete_model_package", ModelPackageName=package["ModelPackageArn"])
    account.call("sagemaker", "delete_model_package_group", ModelPackageGroupName=name)


def _simply(operation: str, key: str, service: str = "sagemaker") -> Callable[[Account, str, Say], None]:
    def request(account: Account, name: str, say: Say) -> None:
        account.call(service, operation, **{key: [name] if key == "AlarmNames" else name})

    return request


_REMOVE: dict[str, Callable[[Account, str, Say], None]] = {
    "endpoint": delete_endpoint,
    "training job": _simply("stop_training_job", "TrainingJobName"),
    "transform job": _simply("stop_transform_job", "TransformJobName"),
    "endpoint configuration": _simply("delete_endpoint_config", "EndpointConfigName"),
    "model": _simply("delete_model", "ModelName"),
    "model group": _delete_group,
    "alarm": _simply("delete_alarms", "AlarmNames", "cloudwatch"),
}
