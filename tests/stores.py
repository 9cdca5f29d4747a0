"""Object stores for tests, on this machine: a bucket in moto's S3 server, and one in a Cloud Storage emulator."""

import logging
import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# On an emulator gcsfs would ask for a kind of bucket that it does not know, every time. It looks when it is imported.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"


@contextmanager
def s3_bucket() -> Iterator[str]:
    """An empty bucket s3://..., for this process and those it starts. AWS_ENDPOINT_URL is its server."""
    import s3fs
    from moto.server import ThreadedMotoServer

    name = _new_name()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.delenv("AWS_PROFILE", raising=False)
        s3fs.S3FileSystem.clear_instance_cache()  # an earlier one has its server's address
        try:
            s3fs.S3FileSystem().mkdir(name)
            yield f"s3://{name}"
        finally:
            s3fs.S3FileSystem.clear_instance_cache()
            server.stop()


@contextmanager
def gs_bucket() -> Iterator[str]:
    """An empty bucket gs://..., for this process and those it starts. STORAGE_EMULATOR_HOST is its server."""
    import gcsfs
    from gcp_storage_emulator.server import create_server

    name = _new_name()
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    logging.getLogger("gcp_storage_emulator").addHandler(logging.NullHandler())  # it logs every missing file
    server = create_server("localhost", port, in_memory=True, default_bucket=name)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://localhost:{port}")
        gcsfs.GCSFileSystem.clear_instance_cache()
        try:
            yield f"gs://{name}"
        finally:
            gcsfs.GCSFileSystem.clear_instance_cache()
            server.stop()


def _new_name() -> str:
    """Servers of one process share what they store, so an empty bucket is one of a new name."""
    return f"crumple-{uuid.uuid4().hex}"
