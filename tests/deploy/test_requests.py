"""Every request that a deployment can make is one that AWS's own description of itself accepts."""

import json

import pytest

from crumple.deploy import requests
from crumple.deploy.aws.account import DryRun
from crumple.deploy.description import read_deployment
from crumple.deploy.errors import DeployError
from crumple.deploy.package.registry import version_request

FULL = {
    "image": "1.dkr.ecr.eu-west-1.amazonaws.com/crumple:1",
    "role": "arn:aws:iam::123456789012:role/crumple",
    "bucket": "s3://my-bucket/crumple",
    "kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "tags": {"team": "claims"},
    "network": {"subnets": ["subnet-1"], "security_groups": ["sg-1"]},
}
SCALED = {"endpoint.min": 1, "endpoint.max": 4, "endpoint.target_invocations": 50}
CAPTURE = {"endpoint.capture": {"to": "s3://my-bucket/captured", "percent": 20}}
ASYNC = {"endpoint.async": {"output": "s3://my-bucket/out", "success_topic": "arn:aws:sns:eu-west-1:1:ok"}}
TO_ZERO = {"endpoint.min": 0, "endpoint.max": 2}
KINDS = {
    "real time": SCALED | CAPTURE,
    "serverless": {"endpoint.serverless": {"memory_mb": 3072, "concurrency": 9}},
    "async": ASYNC | TO_ZERO,
}


def deployment(**more):
    return read_deployment("claims", None, FULL | more)


@pytest.fixture
def dry():
    shown = []
    account = DryRun(shown.append, "eu-west-1")
    account.lines = shown
    return account


@pytest.mark.parametrize("kind", KINDS)
def test_requests_are_valid_and_hold_what_was_described(kind, dry):
    described = deployment(**KINDS[kind])
    model = requests.model_request(described, "s3://my-bucket/model.tar.gz")
    config = requests.config_request(described, model["ModelName"])
    dry.call("sagemaker", "create_model", **model)
    dry.call("sagemaker", "create_endpoint_config", **config)
    dry.call("sagemaker", "create_endpoint", **requests.endpoint_request(described, config["EndpointConfigName"]))
    dry.call("sagemaker", "update_endpoint", **requests.update_request(described, "c", ["a", "b"]))
    for alarm in requests.alarm_requests(described):
        dry.call("cloudwatch", "put_metric_alarm", **alarm)
    if described.endpoint.scaled:
        dry.call("application-autoscaling", "register_scalable_target", **requests.scaling_target(described))
        for policy in requests.scaling_policies(described):
            dry.call("application-autoscaling", "put_scaling_policy", **policy)
    assert model["VpcConfig"] == {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    assert {"Key": "crumple:deployment", "Value": "claims"} in model["Tags"]
    variant = config["ProductionVariants"][0]
    if kind == "serverless":
        assert variant["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 9}
        assert "InstanceType" not in variant and "KmsKeyId" not in config
    else:
        assert variant["InitialInstanceCount"] == 1 and config["KmsKeyId"] == FULL["kms_key"]
    if kind == "real time":
        assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 20
    if kind == "async":
        output = config["AsyncInferenceConfig"]["OutputConfig"]
        assert output["S3OutputPath"] == "s3://my-bucket/out" and output["KmsKeyId"]
        assert output["S3FailurePath"] == "s3://my-bucket/out-failures"
        assert output["NotificationConfig"] == {"SuccessTopic": "arn:aws:sns:eu-west-1:1:ok"}


def test_an_endpoint_that_goes_to_zero_can_wake_up_again():
    described = deployment(**ASYNC, **TO_ZERO)
    follow, wake = requests.scaling_policies(described)
    tracking = follow["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["CustomizedMetricSpecification"]["MetricName"] == "ApproximateBacklogSizePerInstance"
    assert wake["StepScalingPolicyConfiguration"]["StepAdjustments"][0]["ScalingAdjustment"] == 1
    alarm = requests.wake_alarm(described, "arn:policy")
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity" and alarm["AlarmActions"] == ["arn:policy"]
    assert len(requests.scaling_policies(deployment(**(ASYNC | {"endpoint.max": 2})))) == 1


@pytest.mark.parametrize(("shift", "size"), [("canary", "CanarySize"), ("linear", "LinearStepSize")])
def test_an_update_is_blue_green_and_goes_back_by_its_alarms(shift, size):
    described = deployment(**SCALED, **{"endpoint.update": {"shift": shift, "percent": 20, "wait_seconds": 600}})
    asked = requests.update_request(described, "new", ["a", "b"])
    policy = asked["DeploymentConfig"]["BlueGreenUpdatePolicy"]
    routing = policy["TrafficRoutingConfiguration"]
    assert routing[size] == {"Type": "CAPACITY_PERCENT", "Value": 20} and routing["WaitIntervalInSeconds"] == 600
    assert 600 <= policy["MaximumExecutionTimeoutInSeconds"] <= 28_800
    alarms = asked["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert [alarm["AlarmName"] for alarm in alarms] == ["a", "b"]
    assert asked["RetainAllVariantProperties"]  # the instances that the load has brought up


def test_names_of_models_and_configurations_go_with_what_is_in_them():
    one = requests.config_request(deployment(), "m")["EndpointConfigName"]
    assert one == requests.config_request(deployment(**{"endpoint.update.percent": 20}), "m")["EndpointConfigName"]
    assert one != requests.config_request(deployment(**{"endpoint.startup_seconds": 400}), "m")["EndpointConfigName"]


def test_an_endpoint_that_looks_twice_is_told_so_beside_its_own_variables():
    described = deployment(**{"endpoint.accurate": True, "endpoint.environment": {"CRUMPLE_SERVE_WORKERS": "4"}})
    container = requests.model_request(described, "s3://b/m.tar.gz")["PrimaryContainer"]
    assert container["Environment"] == {"CRUMPLE_SERVE_WORKERS": "4", "CRUMPLE_SERVE_ACCURATE": "true"}
    version = version_request(described, "crumple-claims", "s3://b/m.tar.gz", None, approved=False)
    assert version["InferenceSpecification"]["Containers"] == [container]  # it runs as the endpoint does


def test_a_dry_run_shows_and_checks(dry):
    assert dry.call("sagemaker", "create_endpoint", EndpointName="a", EndpointConfigName="c") == {
        "EndpointArn": "<EndpointArn>"
    }
    number, _, shown = dry.lines[0].partition(" sagemaker create_endpoint ")
    assert number == "1." and json.loads(shown) == {"EndpointName": "a", "EndpointConfigName": "c"}
    with pytest.raises(DeployError, match=r"Missing required parameter.*EndpointConfigName"):
        dry.call("sagemaker", "create_endpoint", EndpointName="a")
    assert dry.find("sagemaker", "describe_endpoint", EndpointName="a") is None and len(dry.lines) == 2
