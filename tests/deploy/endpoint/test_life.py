"""Endpoints from creation to deletion, with real clients over HTTP and the real service behind the endpoint."""

import io
import json
import signal
import subprocess
import sys
import tarfile

import cv2
import numpy as np
import pytest

from crumple.deploy.package.package import make_package
from tests.deploy.aws import BUCKET, DESCRIBED, ROLE, aws_here, bright_photo, command, small_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def aws():
    with aws_here() as stand_in:
        yield stand_in


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return small_model(tmp_path_factory.mktemp("models") / "first")


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return bright_photo(tmp_path_factory.mktemp("photos") / "car.png")


def names(aws):
    sagemaker = aws.client("sagemaker")
    kinds = {
        "list_endpoints": ("Endpoints", "EndpointName"),
        "list_endpoint_configs": ("EndpointConfigs", "EndpointConfigName"),
        "list_models": ("Models", "ModelName"),
        "list_model_package_groups": ("ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    }
    found = {entry[key] for name, (list_, key) in kinds.items() for entry in getattr(sagemaker, name)()[list_]}
    return found | {a["AlarmName"] for a in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]}


def files(aws):
    listed = aws.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {entry["Key"] for entry in listed}


def test_an_endpoints_life(aws, model, photo, tmp_path, capsys):
    sagemaker = aws.client("sagemaker")
    image = {"Image": "someone/else:1"}
    for name, tags in (("crumple-claims-theirs", []), ("crumple-claims-b", [("crumple:deployment", "claims-b")])):
        listed = [{"Key": key, "Value": value} for key, value in tags]
        sagemaker.create_model(ModelName=name, PrimaryContainer=image, ExecutionRoleArn=ROLE, Tags=listed)
    others = names(aws)

    scaling = ("--min", "1", "--max", "4", "--target-invocations", "50")
    asked = ("claims", *DESCRIBED, "--model", model, *scaling)
    code, said, remarks = command(capsys, "plan", *asked)
    assert code == 1 and all(line.startswith("+ ") for line in said.splitlines())
    code, said, remarks = command(capsys, "endpoint", "create", *asked, "--photo", photo, "--poll", "0.01")
    assert code == 0 and said.startswith("endpoint crumple-claims is in service; it costs until"), remarks
    assert "the package answers: 1 parts, 0 findings" in remarks and "answers as its package does" in remarks
    assert command(capsys, "plan", *asked)[:2] == (0, "nothing differs\n")

    code, _, remarks = command(capsys, "endpoint", "create", *asked, "--photo", photo)
    assert code == 2 and remarks.count("\n") == 1
    assert "there is such an endpoint; use `crumple deploy endpoint update claims`" in remarks

    code, said, _ = command(capsys, "endpoint", "status", "claims")
    assert code == 0 and "InService, 1 of 1 instances" in said and "scaling: 1 to 4 instances" in said
    code, said, _ = command(capsys, "endpoint", "invoke", "claims", photo, "--json")
    first = json.loads(said)
    assert code == 0 and [part["label"] for part in first["parts"]] == ["front_left_door"]
    code, said, _ = command(capsys, "list")
    assert code == 0 and "claims-b" in said and "theirs" not in said and "1 of them running" in said

    other = small_model(tmp_path / "second", "2")
    changed = ("claims", *DESCRIBED, "--model", other, *scaling[:3], "5", *scaling[4:])
    code, said, _ = command(capsys, "plan", *changed)
    assert code == 1 and "~ scaling.MaxCapacity: 4 -> 5\n" in said and said.count("\n") == 2
    code, said, remarks = command(capsys, "endpoint", "update", *changed, "--photo", photo, "--poll", "0.01")
    assert code == 0 and said == "endpoint crumple-claims is updated and in service\n", remarks
    assert {"crumple-claims-5xx", "crumple-claims-latency"} <= names(aws)
    assert command(capsys, "plan", *changed)[0] == 0

    code, said, _ = command(capsys, "endpoint", "update", "claims", "--back", "--poll", "0.01")
    assert (code, said) == (0, "endpoint crumple-claims is back and in service\n")
    code, said, _ = command(capsys, "endpoint", "invoke", "claims", photo, "--json")
    assert json.loads(said)["model"] == first["model"]
    assert command(capsys, "plan", *changed)[0] == 1
    code, _, remarks = command(capsys, "endpoint", "update", "claims", "--back")
    assert code == 2 and "there is no earlier configuration" in remarks

    assert (
        command(capsys, "register", "claims", *DESCRIBED[:2], *DESCRIBED[4:], "--model", model, "--photo", photo)[0]
        == 0
    )
    assert sagemaker.list_model_packages(ModelPackageGroupName="crumple-claims")["ModelPackageSummaryList"]
    code, said, remarks = command(capsys, "delete", "--all-of", "claims", "--poll", "0.01")
    assert code == 0 and "nothing of it runs any more" in said, remarks
    assert names(aws) == others
    targets = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")
    assert not targets["ScalableTargets"]
    code, said, _ = command(capsys, "delete", "--all-of", "claims")
    assert (code, said) == (0, "claims: nothing of it is in us-east-1\n")


def test_an_async_endpoint_goes_down_to_nothing_and_answers_through_s3(aws, model, photo, capsys):
    asked = ("slow", *DESCRIBED, "--model", model, "--async", f"s3://{BUCKET}/answers", "--min", "0", "--max", "2")
    code, _, remarks = command(capsys, "endpoint", "create", *asked, "--photo", photo, "--poll", "0.01")
    assert code == 0, remarks
    target, *more = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    assert not more and (target["MinCapacity"], target["MaxCapacity"]) == (0, 2)
    alarm = aws.client("cloudwatch").describe_alarms(AlarmNames=["crumple-slow-wake"])["MetricAlarms"][0]
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity" and "crumple-slow-wake" in alarm["AlarmActions"][0]
    code, said, _ = command(capsys, "endpoint", "invoke", "slow", photo, "--poll", "0.01")
    assert code == 0 and "parts seen: front left door" in said
    assert any(name.startswith("answers/") for name in files(aws))
    assert not any(name.startswith("answers/asked") for name in files(aws))  # the photo is gone again
    assert command(capsys, "endpoint", "delete", "slow", "--poll", "0.01")[0] == 0
    assert not any("slow" in name for name in names(aws))


def test_another_answer_than_the_packages_is_taken_back(model, photo, tmp_path, capsys):
    """A new endpoint goes again, an update goes back. Whatever the package, `model` answers."""
    serve = ("env", f"CRUMPLE_SERVE_MODEL={model}", sys.executable, "-m", "crumple", "serve", "--stateless")
    other = small_model(tmp_path / "other", "2")
    with aws_here(serve=serve) as aws:
        before = names(aws), files(aws)
        code, said, remarks = command(
            capsys, "endpoint", "create", "odd", *DESCRIBED, "--model", other, "--photo", photo, "--poll", "0.01"
        )
        assert code == 2 and not said
        assert "error: endpoint crumple-odd does not answer as its package does: " in remarks
        assert (names(aws), files(aws)) == before
        first = next(line for line in remarks.splitlines() if line.startswith("removed: "))
        assert first == "removed: endpoint crumple-odd"  # what uses goes before what is used

        asked = ("stays", *DESCRIBED, "--min", "1", "--max", "2", "--target-invocations", "9", "--photo", photo)
        assert command(capsys, "endpoint", "create", *asked, "--model", model, "--poll", "0.01")[0] == 0
        before = names(aws), files(aws)
        code, _, remarks = command(capsys, "endpoint", "update", *asked, "--model", other, "--poll", "0.01")
        assert code == 2 and "its model is fake 1" in remarks and "going back to crumple-stays-" in remarks
        alarms = {"crumple-stays-5xx", "crumple-stays-latency"}
        assert (names(aws) - alarms, files(aws)) == before
        assert command(capsys, "plan", *asked[:-2], "--model", model)[0] == 0  # it runs as before, scaling and all
        assert command(capsys, "delete", "--all-of", "stays", "--poll", "0.01")[0] == 0


def test_a_package_in_s3_is_fetched_and_asked(aws, model, photo, tmp_path, capsys):
    make_package(model, tmp_path / "model.tar.gz", photo.read_bytes())
    aws.client("s3").upload_file(str(tmp_path / "model.tar.gz"), BUCKET, "jobs/model.tar.gz")
    place = f"s3://{BUCKET}/jobs/model.tar.gz"
    asked = ("fetched", *DESCRIBED, "--model", place, "--photo", photo, "--poll", "0.01")
    code, _, remarks = command(capsys, "endpoint", "create", *asked)
    assert code == 0 and "answers as its package does" in remarks
    code, said, _ = command(capsys, "endpoint", "status", "fetched")
    assert place in said
    assert command(capsys, "delete", "--all-of", "fetched", "--poll", "0.01")[0] == 0
    code, _, remarks = command(capsys, "endpoint", "create", "x", *DESCRIBED, "--model", f"s3://{BUCKET}/none.tar.gz")
    assert code == 2 and "none.tar.gz: there is no such file" in remarks


def test_an_endpoint_that_looks_twice_answers_as_its_package_does_then(aws, model, photo, capsys):
    asked = (
        "twice",
        *DESCRIBED,
        "--model",
        model,
        "--photo",
        photo,
        "--poll",
        "0.01",
        "--set",
        "endpoint.accurate=true",
    )
    code, _, remarks = command(capsys, "endpoint", "create", *asked)
    assert code == 0 and "the endpoint answers as its package does" in remarks
    code, said, _ = command(capsys, "endpoint", "invoke", "twice", photo, "--json")
    assert code == 0 and json.loads(said)["model"]["name"] == "fake-accurate"
    asked = ("twice", *DESCRIBED[:2], *DESCRIBED[4:], "--model", model, "--photo", photo, "--set")
    assert command(capsys, "register", *asked, "endpoint.accurate=true")[0] == 0
    versions = aws.client("sagemaker").list_model_packages(ModelPackageGroupName="crumple-twice")
    [version] = versions["ModelPackageSummaryList"]
    assert version["ModelPackageDescription"] == "fake-accurate 1"
    assert command(capsys, "delete", "--all-of", "twice", "--poll", "0.01")[0] == 0


def test_a_bad_package_goes_nowhere(aws, photo, tmp_path, capsys):
    before = files(aws)
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo("model.json")
        info.size = 2
        tar.addfile(info, io.BytesIO(b"{}"))
    (tmp_path / "cut.tar.gz").write_bytes((tmp_path / "model.tar.gz").read_bytes()[:40])
    for name in ("model.tar.gz", "cut.tar.gz"):
        code, _, remarks = command(
            capsys, "endpoint", "create", "x", *DESCRIBED, "--model", tmp_path / name, "--photo", photo
        )
        assert (code, remarks.count("\n")) == (2, 1) and remarks.startswith("error: ")
    assert files(aws) == before and not any("crumple-x" in name for name in names(aws))


def test_jobs_and_limits(aws, model, photo, tmp_path, capsys):
    code, said, remarks = command(
        capsys, "batch", "--input", f"s3://{BUCKET}/photos", "--output", f"s3://{BUCKET}/out", *DESCRIBED,
        "--model", model, "--photo", photo, "--poll", "0.01",
    )  # fmt: skip
    assert code == 0 and said.endswith(f": s3://{BUCKET}/out\n"), remarks
    [job] = aws.client("sagemaker").list_transform_jobs(NameContains="crumple-batch")["TransformJobSummaries"]
    asked = aws.client("sagemaker").describe_transform_job(TransformJobName=job["TransformJobName"])
    assert "MaxConcurrentTransforms" not in asked or not asked["MaxConcurrentTransforms"]  # the container says it
    assert not any("crumple-batch" in name for name in names(aws))  # its model went when it was done

    noise = tmp_path / "large.png"
    cv2.imwrite(str(noise), np.random.default_rng(0).integers(0, 255, (1500, 1500, 3)).astype(np.uint8))
    assert command(capsys, "endpoint", "create", "big", *DESCRIBED, "--model", model, "--photo", photo)[0] == 0
    code, _, remarks = command(capsys, "endpoint", "invoke", "big", noise)
    assert code == 2 and remarks == (
        f"error: the photo has {noise.stat().st_size / 2**20:.1f} MB and the endpoint takes 6; "
        "make it smaller, or use an async endpoint\n"
    )
    (tmp_path / "no.jpg").write_bytes(b"\xff\xd8\xff cut off")
    assert command(capsys, "endpoint", "invoke", "big", tmp_path / "no.jpg")[0] == 2
    assert command(capsys, "delete", "--all-of", "big", "--poll", "0.01")[0] == 0
    code, _, remarks = command(capsys, "endpoint", "invoke", "big", photo)
    assert code == 2 and "there is no such endpoint in us-east-1" in remarks


def test_the_container_behind_the_endpoint_speaks_for_itself(aws, model, photo, capsys):
    """What a client of one's own sees: content types, custom attributes, the service's own refusals."""
    import boto3
    from botocore.exceptions import ClientError

    assert command(capsys, "endpoint", "create", "own", *DESCRIBED, "--model", model, "--photo", photo)[0] == 0
    runtime = boto3.client("sagemaker-runtime")
    body = photo.read_bytes()
    strict = runtime.invoke_endpoint(
        EndpointName="crumple-own", ContentType="image/png", Body=body, CustomAttributes="min_score=0.99"
    )
    assert json.loads(strict["Body"].read())["parts"] == []
    assert strict["InvokedProductionVariant"] == "crumple"
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName="crumple-own", ContentType="image/png", Body=b"no photo")
    assert refused.value.response["Error"]["Code"] == "ModelError"
    assert 400 <= refused.value.response["OriginalStatusCode"] < 500
    assert command(capsys, "delete", "--all-of", "own", "--poll", "0.01")[0] == 0


def test_ctrl_c_says_what_exists(model, photo):
    with aws_here(serve=("sleep", "60")) as aws:  # the endpoint is there and does not answer
        before = names(aws)
        asked = ["endpoint", "create", "left", *DESCRIBED, "--model", str(model), "--photo", str(photo)]
        arguments = [sys.executable, "-m", "crumple", "deploy", *asked, "--poll", "0.01"]
        process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "InService" in line:
                break
        process.send_signal(signal.SIGINT)
        remarks = process.communicate(timeout=120)[1].splitlines()
        assert process.returncode == 130
        assert remarks[-3].startswith("there are now: s3://") and "endpoint crumple-left" in remarks[-3]
        assert remarks[-2:] == [
            "look with `crumple deploy list`, remove with `crumple deploy delete --all-of left`",
            "interrupted",
        ]
        assert "crumple-left" in names(aws) - before
        aws.client("sagemaker").delete_endpoint(EndpointName="crumple-left")
