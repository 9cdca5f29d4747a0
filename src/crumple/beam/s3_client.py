"""One client for all of S3: Beam 2.77 makes one for every file that it touches, each for 0.15 s of a core."""

import threading
from functools import cache
from typing import Any

_lock = threading.Lock()


@cache
def share_s3_client() -> None:
    """From now on Beam's S3 file systems with the same options object use one connection pool; threads may share it."""
    try:
        from apache_beam.io.aws.clients.s3 import boto3_client
    except ImportError:  # Beam without the extra `aws`: it tells so itself when an s3:// URL comes
        return
    made: list[tuple[Any, Any]] = []  # the options of the last run, and their client

    class Client(boto3_client.Client):  # type: ignore[misc]
        """Has a download of its own, as Beam's has, on the client of all."""

        def __init__(self, options: Any) -> None:
            with _lock:
                if not made or made[0][0] is not options:
                    made[:] = [(options, beams(options))]
                vars(self).update(vars(made[0][1]))

    beams = boto3_client.Client
    boto3_client.Client = Client  # type: ignore[misc]
