"""An endpoint's life: made, changed, looked at. A step that fails takes back what was made and says why."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from crumple.assessment.assessment import Assessment
from crumple.deploy import requests
from crumple.deploy.aws.account import Account, Say
from crumple.deploy.aws.logs import ENDPOINTS, last_lines
from crumple.deploy.aws.made import Made
from crumple.deploy.aws.waiting import wait_for
from crumple.deploy.description import Deployment
from crumple.deploy.endpoint.ask import ask
from crumple.deploy.endpoint.comparison import check_same
from crumple.deploy.endpoint.lookup import endpoint_of
from crumple.deploy.errors import DeployError
from crumple.deploy.inventory import configs_of, delete_endpoint, remove_scaling
from crumple.deploy.names import named
from crumple.deploy.package.package import package_of
from crumple.deploy.package.upload import upload_package

BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


def create(account: Account, deployment: Deployment, photo: bytes, say: Say) -> None:
    """From a model to an endpoint in service that answers as the model does.

    Raises DeployError; nothing that was made is left then.
    """
    deployment.need("image", "role", "bucket")
    name = named(deployment.name)
    if account.find("sagemaker", "describe_endpoint", EndpointName=name) is not None:
        raise DeployError(f"{name}: there is such an endpoint; use `crumple deploy endpoint update {deployment.name}`")
    with (
        package_of(account, deployment, photo, say) as (package, expected),
        Made(account, deployment.name, say) as made,
    ):
        config = make_config(account, deployment, make_model(account, deployment, package, made), made)
        request = requests.endpoint_request(deployment, config)
        made.make(
            f"endpoint {name}",
            lambda: account.call("sagemaker", "create_endpoint", **request),
            lambda: delete_endpoint(account, name, say),
        )
        wait(account, name, say)
        scale(account, deployment, made)
        _check(account, deployment, photo, expected, say)


def update(account: Account, deployment: Deployment, photo: bytes, say: Say) -> None:
    """Another model, image or configuration behind a running endpoint, blue/green.

    Raises DeployError if it went back: by its alarms, or because its answers differ. It runs as before then.
    """
    deployment.need("image", "role", "bucket")
    before = endpoint_of(account, deployment.name)["EndpointConfigName"]
    with (
        package_of(account, deployment, photo, say) as (package, expected),
        Made(account, deployment.name, say) as made,
    ):
        config = make_config(account, deployment, make_model(account, deployment, package, made), made)
        try:
            if config == before:
                say("model, image and configuration are those that run; only the scaling is set again")
            else:
                switch(account, deployment, config, say)
            _check(account, deployment, photo, expected, say)
        except DeployError:
            _back_to(account, deployment, before, config, made, say)
            raise
    if deployment.endpoint.scaled:
        scale(account, deployment)
    else:
        remove_scaling(account, deployment.name)


def _back_to(account: Account, deployment: Deployment, before: str, config: str, made: Made, say: Say) -> None:
    """After an update that is no good. Where the endpoint cannot go back, what it uses stays."""
    if account.dry or config == before:
        return
    try:
        found = endpoint_of(account, deployment.name)
        if found["EndpointConfigName"] == config and found["EndpointStatus"] == "InService":
            say(f"going back to {before}")
            switch(account, deployment, before, say)
        elif found["EndpointConfigName"] == config:
            made.things.clear()
    except DeployError:
        made.things.clear()
        raise


def go_back(account: Account, deployment: Deployment, say: Say) -> None:
    """To the endpoint configuration that was made before the present one. Raises DeployError if there is none."""
    name = named(deployment.name)
    present = endpoint_of(account, deployment.name)["EndpointConfigName"]
    configs = [config["EndpointConfigName"] for config in configs_of(account, deployment.name)]
    earlier = configs[: configs.index(present)] if present in configs else configs
    if account.dry:
        earlier = ["<the configuration before>"]
    if not earlier:
        raise DeployError(f"{name}: there is no earlier configuration to go back to")
    switch(account, deployment, earlier[-1], say)


def switch(account: Account, deployment: Deployment, config: str, say: Say) -> None:
    """update_endpoint, and wait. Raises DeployError if the endpoint does not end up with `config`."""
    name = named(deployment.name)
    alarms = [] if deployment.endpoint.serverless else requests.alarm_requests(deployment)
    for alarm in alarms:
        account.call("cloudwatch", "put_metric_alarm", **alarm)
    names = [alarm["AlarmName"] for alarm in alarms]
    account.call("sagemaker", "update_endpoint", **requests.update_request(deployment, config, names))
    found = wait(account, name, say)
    if not account.dry and found["EndpointConfigName"] != config:
        rung = account.call("cloudwatch", "describe_alarms", AlarmNames=names, StateValue="ALARM") if names else {}
        heard = ", ".join(f"alarm {a['AlarmName']}: {a['StateReason']}" for a in rung.get("MetricAlarms", []))
        why = found.get("FailureReason") or heard or "AWS gives no reason"
        raise DeployError(f"{name}: the update went back by itself, it runs as before: {why}")


def wait(account: Account, name: str, say: Say) -> dict[str, Any]:
    """Until the endpoint is in service. Raises DeployError with the reason if it never will be."""
    found = wait_for(
        account,
        lambda: account.call("sagemaker", "describe_endpoint", EndpointName=name),
        describe,
        lambda endpoint: endpoint["EndpointStatus"] in BUSY,
        say,
    )
    if account.dry or found["EndpointStatus"] == "InService":
        return found
    for line in last_lines(account, f"{ENDPOINTS}/{name}"):
        say(f"log: {line}")
    reason = found.get("FailureReason") or "AWS gives no reason"
    raise DeployError(f"endpoint {name} is {found['EndpointStatus']}: {reason}")


def describe(endpoint: dict[str, Any]) -> str:
    """Status and instances in words."""
    words = [f"{endpoint['EndpointName']}: {endpoint['EndpointStatus']}"]
    for variant in endpoint.get("ProductionVariants", []):
        if "DesiredInstanceCount" in variant:
            words.append(f"{variant.get('CurrentInstanceCount', 0)} of {variant['DesiredInstanceCount']} instances")
        words += [stage.get("StatusMessage") or stage["Status"] for stage in variant.get("VariantStatus", [])]
    return ", ".join(words)


def make_model(account: Account, deployment: Deployment, package: Path | str, made: Made) -> str:
    """The model's name; made only if there is none with this content."""
    url = package if isinstance(package, str) else upload_package(account, deployment, package, made)
    request = requests.model_request(deployment, url)
    name: str = request["ModelName"]
    if account.find("sagemaker", "describe_model", ModelName=name) is None:
        made.make(
            f"model {name}",
            lambda: account.call("sagemaker", "create_model", **request),
            lambda: account.call("sagemaker", "delete_model", ModelName=name),
        )
    return name


def make_config(account: Account, deployment: Deployment, model: str, made: Made) -> str:
    """The endpoint configuration's name; made only if there is none with this content."""
    request = requests.config_request(deployment, model)
    name: str = request["EndpointConfigName"]
    if account.find("sagemaker", "describe_endpoint_config", EndpointConfigName=name) is None:
        made.make(
            f"endpoint configuration {name}",
            lambda: account.call("sagemaker", "create_endpoint_config", **request),
            lambda: account.call("sagemaker", "delete_endpoint_config", EndpointConfigName=name),
        )
    return name


def scale(account: Account, deployment: Deployment, made: Made | None = None) -> None:
    """Let the number of instances follow the load, if it is to. made: takes it away if something fails later."""
    if not deployment.endpoint.scaled:
        return
    target = requests.scaling_target(deployment)

    def make(what: str, service: str, operation: str, request: dict[str, Any], undo: Callable[[], object]) -> None:
        ask_for = partial(account.call, service, operation, **request)
        made.make(what, ask_for, undo) if made else ask_for()

    undo: Callable[[], object] = partial(remove_scaling, account, deployment.name)
    make("its scaling", "application-autoscaling", "register_scalable_target", target, undo)
    for policy in requests.scaling_policies(deployment):
        answer = account.call("application-autoscaling", "put_scaling_policy", **policy)
        if policy["PolicyType"] == "StepScaling":
            alarm = requests.wake_alarm(deployment, answer["PolicyARN"])
            undo = partial(account.call, "cloudwatch", "delete_alarms", AlarmNames=[alarm["AlarmName"]])
            make(f"alarm {alarm['AlarmName']}", "cloudwatch", "put_metric_alarm", alarm, undo)


def _check(account: Account, deployment: Deployment, photo: bytes, expected: Assessment | None, say: Say) -> None:
    if account.dry:
        say(
            f"then the endpoint is asked about the same photo ({len(photo)} bytes); its answer must match the package's"
        )
        return
    assert expected
    check_same(expected, ask(account, deployment.name, photo), f"endpoint {named(deployment.name)}")
    say("the endpoint answers as its package does")
