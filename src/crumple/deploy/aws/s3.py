"""Files in S3, as everything here reads and writes them."""

from crumple.deploy.aws.account import Account
from crumple.deploy.description import s3_parts
from crumple.deploy.errors import AwsError


def read_s3(account: Account, url: str) -> bytes | None:
    """A file's bytes; None if there is no such file."""
    bucket, key = s3_parts(url)
    try:
        return account.call("s3", "get_object", Bucket=bucket, Key=key)["Body"].read()  # type: ignore[no-any-return]
    except AwsError as error:
        if error.missing:
            return None
        raise


def encrypted(key: str | None) -> dict[str, str]:
    """What put_object is told of a KMS key; without one S3 encrypts with a key of its own."""
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}
