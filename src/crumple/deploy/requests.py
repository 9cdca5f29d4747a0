"""A deployment as the requests that AWS takes: pure functions from description to parameters."""

from typing import Any

from crumple.deploy.description import ACCURATE, Deployment
from crumple.deploy.names import named, tags, versioned

VARIANT = "crumple"
Parameters = dict[str, Any]


def model_request(deployment: Deployment, package: str) -> Parameters:
    """create_model. package: s3:// URL of model.tar.gz."""
    request: Parameters = {
        "PrimaryContainer": container(deployment, package),
        "ExecutionRoleArn": deployment.role,
        "EnableNetworkIsolation": deployment.network.isolated,
        **vpc(deployment),
    }
    return {"ModelName": versioned(deployment.name, request), **request, "Tags": tags(deployment.name, deployment.tags)}


def container(deployment: Deployment, package: str) -> Parameters:
    """What runs, on endpoints, in batch jobs and from the registry: image, model and the service's settings."""
    environment = dict(deployment.endpoint.environment)
    if deployment.endpoint.accurate:
        environment[ACCURATE] = "true"
    return {"Image": deployment.image, "ModelDataUrl": package, "Environment": environment}


def config_request(deployment: Deployment, model: str) -> Parameters:
    """create_endpoint_config for a model of that name."""
    endpoint = deployment.endpoint
    variant: Parameters = {"VariantName": VARIANT, "ModelName": model}
    if endpoint.serverless:
        limits = {"MemorySizeInMB": endpoint.serverless.memory_mb, "MaxConcurrency": endpoint.serverless.concurrency}
        variant["ServerlessConfig"] = limits
    else:
        variant |= {
            "InstanceType": endpoint.instance_type,
            "InitialInstanceCount": max(1, endpoint.min),
            "InitialVariantWeight": 1.0,
            "ContainerStartupHealthCheckTimeoutInSeconds": endpoint.startup_seconds,
        }
    request: Parameters = {"ProductionVariants": [variant]}
    if endpoint.async_:
        request["AsyncInferenceConfig"] = _async_config(deployment)
    if endpoint.capture:
        request["DataCaptureConfig"] = {
            "EnableCapture": True,
            "InitialSamplingPercentage": endpoint.capture.percent,
            "DestinationS3Uri": endpoint.capture.to,
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        } | _key(deployment)
    if not endpoint.serverless:  # there is no volume of its own to encrypt
        request |= _key(deployment)
    name = versioned(deployment.name, request)
    return {"EndpointConfigName": name, **request, "Tags": tags(deployment.name, deployment.tags)}


def _async_config(deployment: Deployment) -> Parameters:
    settings = deployment.endpoint.async_
    assert settings
    place = settings.output.rstrip("/")
    output: Parameters = {"S3OutputPath": place, "S3FailurePath": f"{place}-failures"} | _key(deployment)
    topics = {"SuccessTopic": settings.success_topic, "ErrorTopic": settings.error_topic}
    if given := {key: value for key, value in topics.items() if value}:
        output["NotificationConfig"] = given
    client = {"MaxConcurrentInvocationsPerInstance": settings.concurrency}
    return {"ClientConfig": client, "OutputConfig": output}


def endpoint_request(deployment: Deployment, config: str) -> Parameters:
    """create_endpoint."""
    name = named(deployment.name)
    return {"EndpointName": name, "EndpointConfigName": config, "Tags": tags(deployment.name, deployment.tags)}


def update_request(deployment: Deployment, config: str, alarms: list[str]) -> Parameters:
    """update_endpoint: blue/green, back by itself if one of `alarms` goes off."""
    endpoint, rule = deployment.endpoint, deployment.endpoint.update
    request: Parameters = {"EndpointName": named(deployment.name), "EndpointConfigName": config}
    if endpoint.scaled:  # keep the instances that the load has brought up, not what is captured
        request["RetainAllVariantProperties"] = True
        request["ExcludeRetainedVariantProperties"] = [{"VariantPropertyType": "DataCaptureConfig"}]
    if endpoint.serverless:  # deployment guardrails do not apply to it
        return request
    routing: Parameters = {"Type": rule.shift.upper(), "WaitIntervalInSeconds": rule.wait_seconds}
    if rule.shift != "all_at_once":
        size = "CanarySize" if rule.shift == "canary" else "LinearStepSize"
        routing[size] = {"Type": "CAPACITY_PERCENT", "Value": rule.percent}
    request["DeploymentConfig"] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": rule.wait_seconds,
            "MaximumExecutionTimeoutInSeconds": _longest(deployment),
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
    }
    return request


def _longest(deployment: Deployment) -> int:
    """Seconds that an update may take: all its waits, twice the start-up, and room; AWS allows 600 to 28,800."""
    rule = deployment.endpoint.update
    shifts = {"all_at_once": 1, "canary": 2, "linear": -(-100 // rule.percent)}[rule.shift]
    return min(28_800, (shifts + 1) * rule.wait_seconds + 2 * deployment.endpoint.startup_seconds + 1800)


def alarm_requests(deployment: Deployment) -> list[Parameters]:
    """put_metric_alarm: errors, and slow answers, of a minute. Answers that do not come are no alarm."""
    rule = deployment.endpoint.update
    metrics = {
        "5xx": ("Invocation5XXErrors", "Sum", float(rule.max_5xx)),
        "latency": ("ModelLatency", "Average", rule.max_latency_ms * 1000.0),  # in microseconds
    }
    return [
        {
            "AlarmName": named(deployment.name, what),
            "AlarmDescription": f"crumple: sends an update of {named(deployment.name)} back",
            "Namespace": "AWS/SageMaker",
            "MetricName": metric,
            "Dimensions": _dimensions(deployment),
            "Statistic": statistic,
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": limit,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "Tags": tags(deployment.name, deployment.tags),
        }
        for what, (metric, statistic, limit) in metrics.items()
    ]


def resource_id(name: str) -> str:
    """What application autoscaling calls the endpoint's instances."""
    return f"endpoint/{named(name)}/variant/{VARIANT}"


def scaling_target(deployment: Deployment) -> Parameters:
    """register_scalable_target."""
    limits = {"MinCapacity": deployment.endpoint.min, "MaxCapacity": deployment.endpoint.max}
    return scalable(deployment.name) | limits


def scalable(name: str) -> Parameters:
    """What all requests about an endpoint's scaling have in common."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource_id(name),
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def scaling_policies(deployment: Deployment) -> list[Parameters]:
    """put_scaling_policy: after a target; for an endpoint that goes down to 0 also what brings it back from there."""
    endpoint, common = deployment.endpoint, scalable(deployment.name)
    tracking: Parameters
    if endpoint.async_:
        metric = {
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Dimensions": [{"Name": "EndpointName", "Value": named(deployment.name)}],
            "Statistic": "Average",
        }
        tracking = {"TargetValue": float(endpoint.async_.backlog), "CustomizedMetricSpecification": metric}
    else:
        metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
        assert endpoint.target_invocations
        tracking = {"TargetValue": float(endpoint.target_invocations), "PredefinedMetricSpecification": metric}
    tracking |= {"ScaleInCooldown": 300, "ScaleOutCooldown": 60}
    follow = {"PolicyName": named(deployment.name, "target"), "PolicyType": "TargetTrackingScaling", **common}
    policies = [follow | {"TargetTrackingScalingPolicyConfiguration": tracking}]
    if endpoint.min == 0:
        wake = {"PolicyName": named(deployment.name, "wake"), "PolicyType": "StepScaling", **common}
        step = {"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}
        policies.append(
            wake
            | {
                "StepScalingPolicyConfiguration": {
                    "AdjustmentType": "ChangeInCapacity",
                    "MetricAggregationType": "Average",
                    "Cooldown": 300,
                    "StepAdjustments": [step],
                }
            }
        )
    return policies


def wake_alarm(deployment: Deployment, policy: str) -> Parameters:
    """put_metric_alarm: requests wait and no instance runs. policy: ARN of what then adds one."""
    return {
        "AlarmName": named(deployment.name, "wake"),
        "AlarmDescription": f"crumple: the first instance of {named(deployment.name)}",
        "Namespace": "AWS/SageMaker",
        "MetricName": "HasBacklogWithoutCapacity",
        "Dimensions": [{"Name": "EndpointName", "Value": named(deployment.name)}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 2,
        "DatapointsToAlarm": 2,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "AlarmActions": [policy],
        "Tags": tags(deployment.name, deployment.tags),
    }


def vpc(deployment: Deployment) -> Parameters:
    """VpcConfig, if there is a VPC."""
    network = deployment.network
    if not network.subnets:
        return {}
    return {"VpcConfig": {"Subnets": list(network.subnets), "SecurityGroupIds": list(network.security_groups)}}


def _key(deployment: Deployment) -> Parameters:
    return {"KmsKeyId": deployment.kms_key} if deployment.kms_key else {}


def _dimensions(deployment: Deployment) -> list[dict[str, str]]:
    names = {"EndpointName": named(deployment.name), "VariantName": VARIANT}
    return [{"Name": name, "Value": value} for name, value in names.items()]
