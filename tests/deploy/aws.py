"""AWS as the tests have it: the stand-in on this machine, and clients that answer what they are told to."""

import json
import os
from contextlib import contextmanager
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from botocore.stub import Stubber

from crumple.cli.main import run
from crumple.deploy.aws.account import Aws
from crumple.deploy.description import read_deployment
from crumple.deploy.stand_in import CREDENTIALS, StandIn
from tests.fakes import save_model

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/crumple:1.0"
ROLE = "arn:aws:iam::123456789012:role/crumple"
BUCKET = "crumple-tests"
DESCRIBED = ("--image", IMAGE, "--role", ROLE, "--bucket", f"s3://{BUCKET}/packages")


@contextmanager
def aws_here(**options):
    """A stand-in with one bucket, where this process and those it starts find AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with StandIn(**options) as stand_in, patch.dict(os.environ, kept | stand_in.variables, clear=True):
        s3 = stand_in.client("s3")
        if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=BUCKET)
        yield stand_in


@contextmanager
def stubbed(*services):
    """An account, and for each service the Stubber that says what it answers; nothing else is ever asked."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict(os.environ, kept | CREDENTIALS, clear=True):
        account = Aws()
        account.poll = 0.0
        stubbers = {service: Stubber(account.client(service)) for service in services}
        for stubber in stubbers.values():
            stubber.activate()
        yield account, stubbers
        for stubber in stubbers.values():
            stubber.assert_no_pending_responses()


def deployment(**fields):
    return read_deployment("demo", None, {"image": IMAGE, "role": ROLE, "bucket": f"s3://{BUCKET}"} | fields)


def command(capsys, *arguments):
    """`crumple deploy ARGUMENTS`: exit code, stdout, stderr."""
    with pytest.raises(SystemExit) as end:
        run(["deploy", *map(str, arguments)])
    said = capsys.readouterr()
    return end.value.code or 0, said.out, said.err


def bright_photo(path):
    """One on which the small model finds its part."""
    cv2.imwrite(str(path), np.full((120, 200, 3), 200, np.uint8))
    return path


def small_model(folder, version="1"):
    """An exported model that is quick to load; of another version, another model."""
    folder.mkdir(parents=True)
    save_model(folder)
    info = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(info | {"version": version}))
    return folder
