"""One door to AWS: every request goes through `call`, so that it can be shown instead of sent."""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from crumple import __version__
from crumple.deploy.errors import AwsError, DeployError
from crumple.errors import MissingExtraError

Say = Callable[[str], None]


class Account(ABC):
    """Takes requests. poll: seconds between two looks at something that takes its time. dry: nothing is sent."""

    dry = False
    poll = 15.0

    def __init__(self, region: str | None = None) -> None:
        try:
            import boto3
            import botocore.exceptions
        except ModuleNotFoundError as error:
            raise MissingExtraError(str(error.name), "sagemaker") from None
        self._clients: dict[str, Any] = {}
        try:
            self._session = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION"))  # boto3 skips it
        except botocore.exceptions.ProfileNotFound as error:
            raise DeployError(f"AWS_PROFILE: {error}; run `aws configure`, or unset it") from None
        self.region: str = self._session.region_name or ""
        if not self.region:
            raise DeployError("no AWS region is set: give --region, or set AWS_REGION or a region in ~/.aws/config")

    def client(self, service: str) -> Any:
        """The boto3 client of a service; one each."""
        if service not in self._clients:
            from botocore.config import Config

            config = Config(
                retries={"mode": "standard", "max_attempts": 8},  # with growing pauses: throttling passes
                connect_timeout=10,
                read_timeout=70,  # an endpoint has 60 s
                user_agent_extra=f"crumple/{__version__}",
            )
            self._clients[service] = self._session.client(service, region_name=self.region, config=config)
        return self._clients[service]

    @abstractmethod
    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """One request, as boto3 names it: `call("sagemaker", "create_model", ModelName=...)`. A Body may be a Path.

        Raises AwsError in one line.
        """

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """All entries of a listing. key: the answer's list."""
        token: dict[str, Any] = {}
        while True:
            answer = self.call(service, operation, **parameters, **token)
            yield from answer.get(key, [])
            if self.dry or not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}

    def find(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | None:
        """The answer of a describing request, or None if there is no such thing."""
        try:
            return self.call(service, operation, **parameters)
        except AwsError as error:
            if error.missing:
                return None
            raise


class Aws(Account):
    """The account that the environment's credentials belong to."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        from botocore import exceptions as failures

        try:
            request = getattr(self.client(service), operation)
            if isinstance(body := parameters.get("Body"), Path):
                with body.open("rb") as file:
                    return request(**parameters | {"Body": file})  # type: ignore[no-any-return]
            return request(**parameters)  # type: ignore[no-any-return]
        except failures.ClientError as error:
            raise _told(error, service, operation) from None
        except (failures.NoCredentialsError, failures.PartialCredentialsError, failures.TokenRetrievalError):
            raise DeployError("AWS knows no credentials of yours: run `aws configure` or set AWS_PROFILE") from None
        except failures.ReadTimeoutError:
            raise DeployError(f"{service} {operation}: no answer within 70 s; try again, see docs/deploy.md") from None
        except failures.ParamValidationError as error:
            raise DeployError(f"{service} {operation}: {one_line(error)}") from None
        except failures.BotoCoreError as error:
            raise DeployError(f"AWS cannot be reached: {one_line(error)}; check network and --region") from None


class DryRun(Account):
    """Shows every request in its order and sends none; each is checked against AWS's own description of it.

    Answers hold placeholders such as "<EndpointArn>", and nothing is ever found.
    """

    dry = True

    def __init__(self, show: Say, region: str | None = None) -> None:
        super().__init__(region)
        self.show, self.shown = show, 0

    def find(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | None:
        self.call(service, operation, **parameters)
        return None

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        from botocore.validate import ParamValidator

        client = self.client(service)
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
        stated = {key: b"" if key == "Body" else value for key, value in parameters.items()}
        report = ParamValidator().validate(stated, model.input_shape)
        if report.has_errors():
            raise DeployError(f"{service} {operation}: {one_line(report.generate_report())}")
        self.shown += 1
        self.show(f"{self.shown}. {service} {operation} {json.dumps(parameters, indent=2, default=_readable)}")
        if model.output_shape is None:
            return {}
        return {name: f"<{name}>" for name, shape in model.output_shape.members.items() if shape.type_name == "string"}


def _readable(value: Any) -> str:
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else f"<{value}>"


def one_line(error: object) -> str:
    """What an error says, without line breaks and at a length that can be read."""
    text = " ".join(str(error).split())
    return text if len(text) <= 400 else f"{text[:400]} ..."


def _told(error: Any, service: str, operation: str) -> AwsError:
    code, reason = error.response["Error"].get("Code", ""), one_line(error.response["Error"].get("Message", ""))
    if code == "ModelError":  # the container's own words, a problem document, in AWS's
        with suppress(ValueError, TypeError, KeyError):
            reason = (
                f"{error.response['OriginalStatusCode']}: {json.loads(error.response['OriginalMessage'])['detail']}"
            )
    told = f"{service} {operation}: {reason or code}"
    if code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"):
        told += "; docs/iam/deployer.json lists what a deployment needs"
    elif code in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"):
        told += "; log in to AWS again"
    elif AwsError("", code, reason).throttled:
        told = f"{service} {operation}: AWS wants fewer requests ({code}); run the same command again in a minute"
    return AwsError(told, code, reason)
