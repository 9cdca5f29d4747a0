"""A deployment, as one YAML file describes it; options of the command line override it."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from crumple.deploy.errors import DeployError
from crumple.deploy.names import check_name
from crumple.errors import DataError
from crumple.invalid import first_complaint
from crumple.strict_yaml import put_field, read_yaml

S3 = Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?$")]
Arn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:")]
Instance = Annotated[str, StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
ACCURATE = "CRUMPLE_SERVE_ACCURATE"  # the service's variable behind `endpoint.accurate`


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Serverless(Section):
    """Nothing runs while nobody asks; the first answer after a pause takes longer. Bodies up to 4 MB."""

    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 4096
    concurrency: Annotated[int, Field(ge=1, le=200)] = 5


class Async(Section):
    """Photos and answers lie in S3, requests queue, and the endpoint may have no instance while nobody asks."""

    output: S3
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 2  # photos that an instance works on at a time
    backlog: Positive = 5  # photos that may wait, per instance, before one is added
    success_topic: Arn | None = None
    error_topic: Arn | None = None


class Capture(Section):
    """Keeps what was asked and answered, for later training and for disputes."""

    to: S3
    percent: Annotated[int, Field(ge=1, le=100)] = 100


class Update(Section):
    """How an update moves traffic to the new instances, and what sends it back."""

    shift: Literal["all_at_once", "canary", "linear"] = "canary"
    percent: Annotated[int, Field(ge=1, le=50)] = 10  # of the traffic, for canary and for each linear step
    wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 300  # watching after each shift
    max_5xx: Count = 0  # errors a minute that are still fine
    max_latency_ms: Positive = 5000  # mean of a minute that is still fine


class Endpoint(Section):
    """Where requests are answered. Neither `serverless` nor `async`: instances that always run."""

    instance_type: Instance = "ml.c5.xlarge"
    min: Count = 1
    max: Positive = 1
    target_invocations: Positive | None = None  # per instance and minute
    serverless: Serverless | None = None
    async_: Async | None = Field(default=None, alias="async")
    capture: Capture | None = None
    update: Update = Update()
    startup_seconds: Annotated[int, Field(ge=60, le=3600)] = 300
    accurate: bool = False  # as `crumple serve --accurate`
    environment: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _possible(self) -> "Endpoint":
        if self.serverless and self.async_:
            raise ValueError("an endpoint is serverless or async, not both")
        if self.serverless and (self.scaled or self.capture):
            raise ValueError("a serverless endpoint has no min, max, target_invocations and capture of its own")
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is above max ({self.max})")
        if self.min == 0 and not self.async_:
            raise ValueError("only an async endpoint can go down to 0 instances; give min 1, serverless or async")
        if self.scaled and not self.async_ and self.target_invocations is None:
            raise ValueError(
                f"from {self.min} to {self.max} instances by what? Give target_invocations, per instance and minute"
            )
        if self.async_ and self.target_invocations is not None:
            raise ValueError("an async endpoint goes by its backlog (async.backlog), not by target_invocations")
        if not self.scaled and self.target_invocations is not None:
            raise ValueError("target_invocations needs a max above min")
        if ACCURATE in map(str.upper, self.environment):  # answers would not be the package's
            raise ValueError(f"environment has {ACCURATE}; give accurate: true in its place")
        return self

    @property
    def scaled(self) -> bool:
        """Whether the number of instances follows the load."""
        return self.min != self.max


class Training(Section):
    """Where and how long a training job runs."""

    instance_type: Instance = "ml.c5.4xlarge"
    instances: Positive = 1
    spot: bool = False
    hours: Annotated[float, Field(gt=0, le=672)] = 24  # of training, at most
    wait_hours: Annotated[float, Field(gt=0, le=672)] = 48  # for spot capacity and training together, at most
    volume_gb: Positive = 50
    image: str | None = None  # another than serving's
    role: Arn | None = None
    hyperparameters: dict[str, str] = Field(default_factory=dict)
    environment: dict[str, str] = Field(default_factory=dict)


class Batch(Section):
    """Instances that a batch transform job has while it runs."""

    instance_type: Instance = "ml.c5.xlarge"
    instances: Positive = 1
    content_type: str = "image/jpeg"


class Network(Section):
    """A VPC's subnets and security groups, and whether the container has any network of its own."""

    subnets: tuple[Annotated[str, StringConstraints(pattern="^subnet-")], ...] = ()
    security_groups: tuple[Annotated[str, StringConstraints(pattern="^sg-")], ...] = ()
    isolated: bool = True  # the container reaches nothing; SageMaker itself still moves model and data

    @model_validator(mode="after")
    def _both(self) -> "Network":
        if bool(self.subnets) != bool(self.security_groups):
            raise ValueError("a VPC needs both subnets and security_groups")
        return self


class Deployment(Section):
    """Everything about one deployment. Fields that a command needs and that are missing are told by that command."""

    name: str
    model: str | None = None  # folder of `crumple export`, model.tar.gz, or s3://.../model.tar.gz; none: what ships
    image: str | None = None  # in ECR
    role: Arn | None = None  # execution role
    bucket: S3 | None = None  # where packages go, below NAME/
    region: str | None = None
    kms_key: str | None = None  # of volumes, packages, answers and captures
    tags: dict[str, str] = Field(default_factory=dict)
    endpoint: Endpoint = Endpoint()
    batch: Batch = Batch()
    training: Training = Training()
    network: Network = Network()

    def need(self, *fields: str) -> "Deployment":
        """Itself, if these fields are given. Raises DeployError that names the first that is not."""
        for field in fields:
            if getattr(self, field) is None:
                raise DeployError(f"deployment {self.name}: {field} is not given: --{field}, or '{field}:' in the file")
        return self


def read_deployment(name: str | None, file: Path | None, overrides: dict[str, Any]) -> Deployment:
    """The deployment of a YAML file, or the default one, with `overrides` on top.

    Args:
        name: overrides the file's; needed where there is no file.
        overrides: dotted field -> value, as {"endpoint.max": 4}; None leaves the field as it is.

    Raises DataError or DeployError naming the field.
    """
    values: dict[str, Any] = read_yaml(file) if file else {}
    for field, value in {"name": name, **overrides}.items():
        if value is not None:
            put_field(values, field, value)
    if "name" not in values:
        raise DeployError("the deployment has no name: give one, or 'name:' in the file")
    try:
        deployment = Deployment.model_validate(values)
    except ValidationError as error:
        raise DataError(f"{file or 'deployment'}: {first_complaint(error)}") from None
    check_name(deployment.name)
    return deployment


def setting(text: str) -> tuple[str, Any]:
    """FIELD=VALUE, as --set takes it; the value is YAML: 3, true, [subnet-1, subnet-2]. Raises DeployError."""
    field, equals, value = text.partition("=")
    if not equals or not field:
        raise DeployError(f"--set {text}: give FIELD=VALUE, as endpoint.capture.percent=20")
    try:
        return field, yaml.safe_load(value)
    except yaml.YAMLError:
        raise DeployError(f"--set {text}: the value is not valid YAML") from None


def s3_parts(url: str) -> tuple[str, str]:
    """s3://bucket/key -> bucket, key."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
