"""A package's way into the bucket, at a place that goes by its content."""

from pathlib import Path

from crumple.deploy.aws.account import Account
from crumple.deploy.aws.made import Made
from crumple.deploy.aws.s3 import encrypted
from crumple.deploy.description import Deployment, s3_parts
from crumple.files import file_sha256


def upload_package(account: Account, deployment: Deployment, package: Path, made: Made) -> str:
    """Put model.tar.gz below bucket/NAME/models/, unless it is there; its s3:// URL."""
    assert deployment.bucket
    bucket, prefix = s3_parts(deployment.bucket.rstrip("/"))
    key = f"{prefix}/{deployment.name}/models/{file_sha256(package)[:16]}/model.tar.gz".lstrip("/")
    url = f"s3://{bucket}/{key}"
    if account.find("s3", "head_object", Bucket=bucket, Key=key) is None:
        made.make(
            url,
            lambda: account.call(
                "s3", "put_object", Bucket=bucket, Key=key, Body=package, **encrypted(deployment.kms_key)
            ),
            lambda: account.call("s3", "delete_object", Bucket=bucket, Key=key),
        )
    return url
