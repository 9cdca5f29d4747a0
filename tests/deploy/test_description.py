"""Descriptions of deployments: files, overrides, and what is impossible."""

import pytest

from crumple.deploy.description import read_deployment, s3_parts, setting
from crumple.deploy.errors import DeployError
from crumple.deploy.names import check_name, named, owner, tags, versioned
from crumple.errors import DataError

FILE = """\
name: claims
image: 1.dkr.ecr.eu-west-1.amazonaws.com/crumple:1.0
endpoint:
  min: 1
  max: 4
  target_invocations: 50
  update: {shift: linear, percent: 25}
training: {hyperparameters: {steps: "100"}}
"""


def test_options_override_the_file_field_by_field(tmp_path):
    file = tmp_path / "deploy.yaml"
    file.write_text(FILE)
    found = read_deployment(None, file, {"endpoint.max": 8, "endpoint.update.percent": 10, "role": None})
    assert (found.name, found.endpoint.min, found.endpoint.max) == ("claims", 1, 8)
    assert (found.endpoint.update.shift, found.endpoint.update.percent) == ("linear", 10)
    assert read_deployment("other", file, {}).name == "other"
    tuned = read_deployment(None, file, {"training.hyperparameters": {"optimisation.ema": "0.9"}})
    assert tuned.training.hyperparameters == {"steps": "100", "optimisation.ema": "0.9"}


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        ({"endpoint.maximum": 4}, r": endpoint.maximum: is not known; check its spelling"),
        ({"endpoint.max": 4}, "from 1 to 4 instances by what"),
        ({"endpoint.min": 3}, r"min \(3\) is above max \(1\)"),
        ({"endpoint.min": 0}, "only an async endpoint can go down to 0"),
        ({"endpoint.serverless": {}, "endpoint.async.output": "s3://bucket/x"}, "serverless or async, not both"),
        ({"endpoint.serverless": {}, "endpoint.max": 2}, "serverless endpoint has no min, max"),
        ({"endpoint.target_invocations": 9}, "needs a max above min"),
        (
            {"endpoint.async.output": "s3://bucket/x", "endpoint.max": 3, "endpoint.target_invocations": 9},
            "goes by its backlog",
        ),
        (
            {"endpoint.environment": {"crumple_serve_accurate": "true"}},
            ": endpoint: environment has CRUMPLE_SERVE_ACCURATE; give accurate: true",
        ),
        ({"bucket": "my-bucket"}, ": bucket: "),
        ({"network.subnets": ["subnet-1"]}, "both subnets and security_groups"),
        ({"endpoint.instance_type": "c5.xlarge"}, ": endpoint.instance_type: "),
    ],
)
def test_what_cannot_be_is_told_with_its_field(overrides, complaint):
    with pytest.raises(DataError, match=complaint):
        read_deployment("claims", None, overrides)


def test_a_deployment_needs_a_name_and_what_a_command_asks_for():
    with pytest.raises(DeployError, match="has no name"):
        read_deployment(None, None, {})
    with pytest.raises(DeployError, match="role is not given: --role"):
        read_deployment("a", None, {"image": "i"}).need("image", "role")


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a--b", "a-", "x" * 41])
def test_bad_names_are_refused(name):
    with pytest.raises(DeployError, match="small letters"):
        check_name(name)


def test_names_go_by_content_and_fit_sagemaker():
    a, b = versioned("x" * 40, {"a": 1}), versioned("x" * 40, {"a": 2})
    assert a != b and a == versioned("x" * 40, {"a": 1}) and len(a) <= 63 and a.startswith(named("x"))


def test_the_owner_is_in_the_tags():
    assert owner(tags("claims", {"team": "x"})) == "claims"
    assert owner([{"Key": "team", "Value": "claims"}]) is None


def test_settings_are_yaml():
    assert setting("network.subnets=[subnet-1, subnet-2]") == ("network.subnets", ["subnet-1", "subnet-2"])
    assert setting("a.b=3") == ("a.b", 3)
    for bad in ("a.b", "=3", "a=[1"):
        with pytest.raises(DeployError, match="--set"):
            setting(bad)


def test_s3_urls_are_taken_apart():
    assert s3_parts("s3://bucket/a/b") == ("bucket", "a/b") and s3_parts("s3://bucket") == ("bucket", "")
