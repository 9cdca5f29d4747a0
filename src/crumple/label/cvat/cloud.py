"""Buckets that CVAT reads photos from by itself: found among those registered there, or registered."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crumple.label.cvat.errors import CvatError
from crumple.label.cvat.server import Server
from crumple.storage import Folder

PROVIDERS = {"gs": "GOOGLE_CLOUD_STORAGE", "s3": "AWS_S3_BUCKET"}


def split_url(folder: Folder | str) -> tuple[str, str, str]:
    """The provider, the bucket, and the start of all keys, "" or ending in "/", of a folder in gs:// or s3://."""
    scheme, bucket, prefix = re.match(r"(\w+)://([^/]+)/?(.*)", str(folder)).groups()  # type: ignore[union-attr]
    if scheme not in PROVIDERS:
        raise CvatError(f"{folder}: CVAT reads gs:// and s3:// itself, not {scheme}://; give a local folder")
    return PROVIDERS[scheme], bucket, f"{prefix.rstrip('/')}/" if prefix else ""


def key_prefix(folder: Folder, pushed: str | None) -> str:
    """What stands before the names of a folder's photos in the keys of a bucket.

    Args:
        folder: the bucket's, or on this machine a copy of it or of the whole bucket.
        pushed: the folder (path or URL) that was pushed; None: not known.
    """
    if folder.path is None:
        return split_url(folder)[2]
    prefix = split_url(pushed)[2] if pushed and "://" in pushed else ""
    return "" if (folder.path / prefix).is_dir() else prefix


def find_storage(server: Server, folder: Folder, hand_over_keys: bool) -> int:
    """The id of the folder's bucket on the server; it is registered if it is not.

    Args:
        hand_over_keys: register it with this machine's own credentials; else as one that everybody may read.
    """
    provider, bucket, _ = split_url(folder)
    present = server.cloud_storages(provider, bucket)
    if present:
        return int(present[0]["id"])
    spec = {
        "provider_type": provider,
        "resource": bucket,
        "display_name": f"crumple {bucket}"[:63],
        "specific_attributes": _place(provider, os.environ),
        **(_keys(provider, os.environ) if hand_over_keys else {"credentials_type": "ANONYMOUS_ACCESS"}),
    }
    return int(server.register_storage(spec)["id"])


def _place(provider: str, environment: Mapping[str, str]) -> str:
    """Region and service of an S3 bucket, as CVAT wants them: a query string."""
    if provider != PROVIDERS["s3"]:
        return ""
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    endpoint = environment.get("AWS_ENDPOINT_URL")
    return "&".join(f"{key}={value}" for key, value in {"region": region, "endpoint_url": endpoint}.items() if value)


def _keys(provider: str, environment: Mapping[str, str]) -> dict[str, Any]:
    if provider == PROVIDERS["s3"]:
        key, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        if not key or not secret:
            raise CvatError("--hand-over-keys needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which are not set")
        return {"credentials_type": "KEY_SECRET_KEY_PAIR", "key": key, "secret_key": secret}
    path = environment.get("GOOGLE_APPLICATION_CREDENTIALS")
    if not path or not Path(path).is_file():
        raise CvatError("--hand-over-keys needs GOOGLE_APPLICATION_CREDENTIALS, the path of a key file")
    return {"credentials_type": "KEY_FILE_PATH", "key_file": Path(path)}
