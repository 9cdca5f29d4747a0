"""A photo to an endpoint, an assessment back, as a client of one's own would do it."""

import time
from hashlib import sha256
from io import BytesIO
from typing import Any

from pydantic import ValidationError

from crumple.assessment.assessment import Assessment
from crumple.deploy.aws.account import Account
from crumple.deploy.aws.s3 import encrypted, read_s3
from crumple.deploy.description import s3_parts
from crumple.deploy.endpoint.lookup import config_of, endpoint_of
from crumple.deploy.errors import DeployError
from crumple.deploy.names import named
from crumple.photo_header import open_header

LARGEST = 6 * 2**20  # bytes of a request's body
LARGEST_SERVERLESS = 4 * 2**20
PATIENCE = 1800.0  # seconds for an async answer: the first instance may have to start


def ask(account: Account, name: str, photo: bytes, title: str = "photo") -> Assessment:
    """What the endpoint of deployment `name` says about a photo, called `title` in messages.

    Raises PhotoError, DeployError, AwsError.
    """
    kind = content_type(photo, title)
    config = config_of(account, endpoint_of(account, name))
    request = {"EndpointName": named(name), "ContentType": kind, "Accept": "application/json"}
    if "AsyncInferenceConfig" in config:
        answer = _ask_later(account, request, photo, config["AsyncInferenceConfig"]["OutputConfig"])
    else:
        serverless = any("ServerlessConfig" in variant for variant in config.get("ProductionVariants", []))
        answer = _ask_now(account, request, photo, LARGEST_SERVERLESS if serverless else LARGEST)
    return read_answer(answer, named(name))


def read_answer(answer: bytes, who: str) -> Assessment:
    """Raises DeployError if it is none of ours."""
    try:
        return Assessment.model_validate_json(answer)
    except ValidationError:
        raise DeployError(f"{who} gives no assessment but {answer[:80]!r}; is its image crumple's?") from None


def _ask_now(account: Account, request: dict[str, str], photo: bytes, largest: int) -> bytes:
    if len(photo) > largest:
        raise DeployError(
            f"the photo has {len(photo) / 2**20:.1f} MB and the endpoint takes {largest // 2**20}; "
            "make it smaller, or use an async endpoint"
        )
    answer = account.call("sagemaker-runtime", "invoke_endpoint", **request, Body=photo)
    return answer["Body"].read()  # type: ignore[no-any-return]


def _ask_later(account: Account, request: dict[str, str], photo: bytes, output: dict[str, Any]) -> bytes:
    """Photo to S3, request into the queue, answer from S3."""
    bucket, prefix = s3_parts(output["S3OutputPath"].rstrip("/"))
    key = f"{prefix}/asked/{sha256(photo).hexdigest()}".lstrip("/")
    account.call("s3", "put_object", Bucket=bucket, Key=key, Body=photo, **encrypted(output.get("KmsKeyId")))
    try:
        where = f"s3://{bucket}/{key}"
        taken = account.call("sagemaker-runtime", "invoke_endpoint_async", **request, InputLocation=where)
        return _wait_for_file(account, taken["OutputLocation"], taken.get("FailureLocation"))
    finally:
        account.call("s3", "delete_object", Bucket=bucket, Key=key)


def _wait_for_file(account: Account, answer: str, failure: str | None) -> bytes:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if (found := read_s3(account, answer)) is not None:
            return found
        if failure and (said := read_s3(account, failure)) is not None:
            raise DeployError(f"the endpoint failed on the photo: {said.decode(errors='replace'):.200}")
        time.sleep(min(account.poll, 2.0))
    raise DeployError(
        f"{answer}: no answer within {PATIENCE / 60:.0f} minutes; look with `crumple deploy endpoint status`"
    )


def content_type(photo: bytes, name: str) -> str:
    """Raises PhotoError if it is no photo that the endpoint could read."""
    return f"image/{str(open_header(BytesIO(photo), name).format).lower()}"
