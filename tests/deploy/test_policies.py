"""The IAM policies in docs/iam: without mistakes, and with everything that `crumple deploy` asks AWS for."""

import ast
import json
import re
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

import pytest
from parliament import analyze_policy_string

import crumple.deploy

POLICIES = Path(__file__).parents[2] / "docs" / "iam"
ROLES = sorted(path.name for path in POLICIES.glob("*.json") if path.name != "trust.json")
# How IAM calls what boto3 calls otherwise.
ACTIONS = {
    "s3:HeadObject": "s3:GetObject",
    "cloudwatch:DescribeAlarms": "cloudwatch:DescribeAlarms",
}
TABLES = ("_simply", "Kind")  # of the inventory: rows name an operation without its service
SERVICES = {"sagemaker-runtime": "sagemaker"}


@pytest.mark.parametrize("name", ROLES)
def test_a_policy_has_no_mistakes(name):
    findings = analyze_policy_string((POLICIES / name).read_text(), ignore_private_auditors=True).findings
    assert not [(finding.issue, finding.detail) for finding in findings]


def test_the_linter_finds_mistakes():
    policy = json.loads((POLICIES / "endpoint.json").read_text())
    policy["Statement"][1]["Action"] = ["ecr:BatchGetImages"]
    issues = {finding.issue for finding in analyze_policy_string(json.dumps(policy)).findings}
    assert issues == {"UNKNOWN_ACTION"}


def test_only_sagemaker_of_this_account_may_take_the_roles():
    [statement] = json.loads((POLICIES / "trust.json").read_text())["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Action"] == "sts:AssumeRole" and "aws:SourceAccount" in statement["Condition"]["StringEquals"]


def requested():
    """(service, operation) of every request in the code: string constants side by side in a call."""
    pairs = set()
    for path in Path(crumple.deploy.__file__).parent.rglob("*.py"):
        if path.stem in ("stand_in", "moto_gaps"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                for service, operation in [] if called in TABLES else pairwise(texts):
                    if re.fullmatch(r"[a-z0-9-]+", service) and re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", operation):
                        pairs.add((service, operation))
                if called in TABLES:
                    operation = next(text for text in texts if "_" in text)
                    pairs.add(("cloudwatch" if "alarms" in operation else "sagemaker", operation))
    return pairs


def test_who_deploys_may_do_everything_that_is_asked_for():
    statements = json.loads((POLICIES / "deployer.json").read_text())["Statement"]
    allowed = {action for statement in statements for action in statement["Action"]}
    wanted = set()
    for service, operation in requested():
        name = operation.title().replace("_", "")
        action = f"{SERVICES.get(service, service)}:{name}"
        wanted.add(ACTIONS.get(action, action))
    assert len(wanted) > 30 and wanted <= allowed, sorted(wanted - allowed)
    # Least privilege: what nothing asks for is granted only where AWS itself asks for it in turn.
    indirectly = {
        "sagemaker:AddTags", "sagemaker:UpdateEndpointWeightsAndCapacities", "cloudwatch:TagResource",
        "iam:PassRole", "iam:CreateServiceLinkedRole", "s3:ListBucket",
    }  # fmt: skip
    assert allowed - wanted == indirectly


def test_nothing_that_changes_is_allowed_on_everything():
    for path in POLICIES.glob("*.json"):
        for statement in json.loads(path.read_text())["Statement"]:
            if statement.get("Resource") == "*":
                reading = ("*:List*", "*:Describe*", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData")
                for action in statement["Action"]:
                    assert any(fnmatchcase(action, pattern) for pattern in reading), (path.name, action)
