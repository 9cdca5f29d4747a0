"""What AWS may do to a deployment that moto does not: fail, dawdle, refuse, go back. Answers come from Stubbers."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crumple.deploy.aws.account import Aws
from crumple.deploy.aws.made import Made
from crumple.deploy.endpoint import life
from crumple.deploy.errors import AwsError, DeployError
from crumple.deploy.inventory import remove_all
from crumple.deploy.jobs import train, training_request
from tests.deploy.aws import ROLE, deployment, stubbed
from tests.deploy.container.test_train import lay_out

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/crumple-demo"
NAME = {"EndpointName": "crumple-demo"}


def seen(status, config="new", **more):
    return {
        "EndpointName": "crumple-demo",
        "EndpointArn": ARN,
        "EndpointConfigName": config,
        "EndpointStatus": status,
        "CreationTime": NOW,
        "LastModifiedTime": NOW,
    } | more


def of(status, current, desired):
    return seen(
        status,
        ProductionVariants=[
            {"VariantName": "crumple", "CurrentInstanceCount": current, "DesiredInstanceCount": desired}
        ],
    )


def test_slow_creation_is_told_change_by_change():
    said = []
    with stubbed("sagemaker") as (account, stubs):
        for answer in (of("Creating", 0, 2), of("Creating", 0, 2), of("Creating", 1, 2), of("InService", 2, 2)):
            stubs["sagemaker"].add_response("describe_endpoint", answer, NAME)
        life.wait(account, "crumple-demo", said.append)
    assert [line.partition("s  ")[2] for line in said] == [
        "crumple-demo: Creating, 0 of 2 instances",
        "crumple-demo: Creating, 1 of 2 instances",
        "crumple-demo: InService, 2 of 2 instances",
    ]


def test_being_asked_to_slow_down_while_waiting_is_no_failure():
    said = []
    with stubbed("sagemaker") as (account, stubs):
        stubs["sagemaker"].add_response("describe_endpoint", seen("Creating"), NAME)
        for _ in range(3):
            stubs["sagemaker"].add_client_error("describe_endpoint", "ThrottlingException", "Rate exceeded")
        stubs["sagemaker"].add_response("describe_endpoint", seen("InService"), NAME)
        assert life.wait(account, "crumple-demo", said.append)["EndpointStatus"] == "InService"


def test_a_failed_endpoint_says_why_with_the_containers_last_words():
    said = []
    with stubbed("sagemaker", "logs") as (account, stubs):
        stubs["sagemaker"].add_response("describe_endpoint", seen("Creating"), NAME)
        failed = seen("Failed", FailureReason="The primary container did not pass the ping health check.")
        stubs["sagemaker"].add_response("describe_endpoint", failed, NAME)
        streams = [
            {"logStreamName": "old", "lastEventTimestamp": 1},
            {"logStreamName": "new", "lastEventTimestamp": 2},
        ]
        group = {"logGroupName": "/aws/sagemaker/Endpoints/crumple-demo"}
        asked = group | {"orderBy": "LastEventTime", "descending": True}
        stubs["logs"].add_response("describe_log_streams", {"logStreams": streams}, asked)
        events = [{"message": f"line {i}\n", "timestamp": i} for i in range(12)]
        asked = group | {"logStreamName": "new", "limit": 10}
        stubs["logs"].add_response("get_log_events", {"events": events}, asked)
        with pytest.raises(DeployError) as error:
            life.wait(account, "crumple-demo", said.append)
    assert str(error.value) == (
        "endpoint crumple-demo is Failed: The primary container did not pass the ping health check."
    )
    assert said[-10:] == [f"log: line {i}" for i in range(2, 12)]


def test_a_log_that_cannot_be_read_hides_no_failure():
    said = []
    with stubbed("sagemaker", "logs") as (account, stubs):
        stubs["sagemaker"].add_response("describe_endpoint", seen("Failed", FailureReason="no capacity"), NAME)
        stubs["logs"].add_client_error("describe_log_streams", "AccessDeniedException", "not for you")
        with pytest.raises(DeployError, match="is Failed: no capacity"):
            life.wait(account, "crumple-demo", said.append)
    assert "log: (the log cannot be read:" in said[-1]


def stub_switch(stubs, *statuses):
    for _ in range(2):
        stubs["cloudwatch"].add_response("put_metric_alarm", {})
    stubs["sagemaker"].add_response("update_endpoint", {"EndpointArn": ARN})
    for status in statuses:
        stubs["sagemaker"].add_response("describe_endpoint", status, NAME)


def test_an_update_goes_blue_green_and_waits():
    said = []
    with stubbed("sagemaker", "cloudwatch") as (account, stubs):
        stub_switch(stubs, seen("Updating", "old"), seen("Updating", "new"), seen("InService", "new"))
        life.switch(account, deployment(), "new", said.append)
    assert [line.partition("s  ")[2] for line in said] == ["crumple-demo: Updating", "crumple-demo: InService"]


def test_an_update_that_its_alarms_sent_back_is_a_failure_with_the_alarms_reason():
    with stubbed("sagemaker", "cloudwatch") as (account, stubs):
        stub_switch(stubs, seen("Updating", "new"), seen("RollingBack", "new"), seen("InService", "old"))
        alarm = {"AlarmName": "crumple-demo-5xx", "StateReason": "7 errors in a minute"}
        asked = {"AlarmNames": ["crumple-demo-5xx", "crumple-demo-latency"], "StateValue": "ALARM"}
        stubs["cloudwatch"].add_response("describe_alarms", {"MetricAlarms": [alarm]}, asked)
        with pytest.raises(DeployError) as error:
            life.switch(account, deployment(), "new", lambda line: None)
    assert str(error.value) == (
        "crumple-demo: the update went back by itself, it runs as before: alarm crumple-demo-5xx: 7 errors in a minute"
    )


def test_an_update_that_could_not_even_go_back_says_so():
    with stubbed("sagemaker", "cloudwatch", "logs") as (account, stubs):
        stub_switch(stubs, seen("UpdateRollbackFailed", "new", FailureReason="no capacity to go back"))
        stubs["logs"].add_client_error("describe_log_streams", "ResourceNotFoundException", "no such group")
        with pytest.raises(DeployError, match="is UpdateRollbackFailed: no capacity to go back"):
            life.switch(account, deployment(), "new", lambda line: None)


def test_an_update_that_is_refused_changes_nothing():
    with stubbed("sagemaker", "cloudwatch") as (account, stubs):
        for _ in range(2):
            stubs["cloudwatch"].add_response("put_metric_alarm", {})
        stubs["sagemaker"].add_client_error(
            "update_endpoint", "ValidationException", "Cannot update in-progress endpoint"
        )
        with pytest.raises(AwsError, match="update_endpoint: Cannot update in-progress endpoint"):
            life.switch(account, deployment(), "new", lambda line: None)


class Failing(Exception):
    pass


def test_what_was_made_goes_in_reverse_and_what_stays_is_told():
    said, undone = [], []

    def refuse():
        raise AwsError("sagemaker delete_model: in use", "ValidationException", "in use")

    def gone():
        raise AwsError("", "ValidationException", "Could not find model")

    with stubbed() as (account, _), pytest.raises(Failing), Made(account, "demo", said.append) as made:
        made.make("a", lambda: None, lambda: undone.append("a"))
        made.make("b", lambda: None, refuse)
        made.make("c", lambda: None, gone)
        made.make("d", lambda: None, lambda: undone.append("d"))
        with pytest.raises(AwsError):
            made.make("e", refuse, lambda: undone.append("e"))  # never was
        raise Failing
    assert undone == ["d", "a"]
    assert said == [
        "removed: d",
        "NOT removed: b (sagemaker delete_model: in use); try `crumple deploy delete --all-of demo`",
        "removed: a",
    ]


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_says_what_exists_and_removes_nothing(kind):
    said = []
    with stubbed() as (account, _), pytest.raises(kind), Made(account, "demo", said.append) as made:
        made.make("model m", lambda: None, lambda: said.append("undone"))

        def interrupted():
            raise kind

        made.make("endpoint e", interrupted, lambda: said.append("undone"))  # it may have been made
    assert said == [
        "there are now: model m, endpoint e; what was begun goes on and may cost",
        "look with `crumple deploy list`, remove with `crumple deploy delete --all-of demo`",
    ]


def test_an_interrupt_while_things_are_taken_away_says_which_are_left():
    said = []

    def interrupted():
        raise KeyboardInterrupt

    with stubbed() as (account, _), pytest.raises(KeyboardInterrupt), Made(account, "demo", said.append) as made:
        made.make("model m", lambda: None, lambda: said.append("undone"))
        made.make("endpoint e", lambda: None, interrupted)
        made.make("alarm a", lambda: None, lambda: None)
        raise Failing
    assert said[:2] == ["removed: alarm a", "there are now: model m, endpoint e; what was begun goes on and may cost"]
    assert len(said) == 3


def test_an_interrupt_while_waiting_says_what_goes_on(monkeypatch):
    """Such as that of an update back to a configuration that is there already: nothing was made, and AWS is at it."""

    def interrupted(_):
        raise KeyboardInterrupt

    said = []
    monkeypatch.setattr("crumple.deploy.aws.waiting.time.sleep", interrupted)
    with stubbed("sagemaker") as (account, stubs), pytest.raises(KeyboardInterrupt):
        stubs["sagemaker"].add_response("update_endpoint", {"EndpointArn": ARN})
        stubs["sagemaker"].add_response("describe_endpoint", seen("Updating"), NAME)
        life.switch(account, deployment(**{"endpoint.serverless": {}}), "old", said.append)
    assert said[1:] == ["AWS goes on with it all the same (crumple-demo: Updating); look with `crumple deploy list`"]


def test_a_job_goes_on_whatever_happens_to_those_who_wait_for_it():
    said = []
    with stubbed() as (account, _):
        with pytest.raises(Failing), Made(account, "demo", said.append) as made:
            made.make("model m", lambda: None, lambda: said.append("undone"))
            made.make("job j", lambda: None, None)
            raise Failing
        assert said[0] == "there are now: model m, job j; what was begun goes on and may cost"
        said.clear()
        with pytest.raises(Failing), Made(account, "demo", said.append) as made:
            made.make("model m", lambda: None, lambda: None)
            made.make("job j", lambda: None, None)
            made.ended("job j")
            raise Failing
    assert said == ["removed: model m"]


def test_what_cannot_be_removed_keeps_nothing_else():
    said = []
    with stubbed("sagemaker", "cloudwatch") as (account, stubs):
        tags = {"Tags": [{"Key": "crumple:deployment", "Value": "demo"}]}
        for operation, key in (
            ("list_endpoints", "Endpoints"),
            ("list_training_jobs", "TrainingJobSummaries"),
            ("list_transform_jobs", "TransformJobSummaries"),
            ("list_endpoint_configs", "EndpointConfigs"),
        ):
            stubs["sagemaker"].add_response(operation, {key: []})
        models = [{"ModelName": f"crumple-demo-{x}", "ModelArn": ARN + x, "CreationTime": NOW} for x in "ab"]
        stubs["sagemaker"].add_response("list_models", {"Models": models[:1], "NextToken": "more"})
        stubs["sagemaker"].add_response("list_tags", tags)
        stubs["sagemaker"].add_response(
            "list_models", {"Models": models[1:]}, {"NameContains": "crumple-demo", "NextToken": "more"}
        )
        stubs["sagemaker"].add_response("list_tags", tags)
        stubs["sagemaker"].add_response("list_model_package_groups", {"ModelPackageGroupSummaryList": []})
        stubs["cloudwatch"].add_response("describe_alarms", {"MetricAlarms": []})
        stubs["sagemaker"].add_client_error("delete_model", "AccessDeniedException", "not for you")
        stubs["sagemaker"].add_response("delete_model", {}, {"ModelName": "crumple-demo-b"})
        with pytest.raises(AwsError, match="docs/iam"):
            remove_all(account, "demo", said.append)
    assert said[0].startswith("NOT removed: model crumple-demo-a: ") and said[1] == "removed: model crumple-demo-b"


def test_a_training_job_goes_through_its_stages_and_fails_with_the_containers_words(tmp_path):
    said = []
    root = lay_out(tmp_path / "ml")
    described = deployment(**{"training.spot": True, "training.hyperparameters": {"steps": "6"}})
    with stubbed("sagemaker", "s3", "logs") as (account, stubs):
        for _ in range(2):
            stubs["s3"].add_response("put_object", {})
        stubs["sagemaker"].add_response("create_training_job", {"TrainingJobArn": "arn:aws:sagemaker:us-east-1:1:x/y"})

        def job(status, secondary, **more):
            return {
                "TrainingJobName": "crumple-demo-1",
                "TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/x",
                "ModelArtifacts": {"S3ModelArtifacts": "s3://out/model.tar.gz"},
                "TrainingJobStatus": status,
                "SecondaryStatus": secondary,
                "StoppingCondition": {},
                "CreationTime": NOW,
                "AlgorithmSpecification": {"TrainingInputMode": "File"},
                "ResourceConfig": {"VolumeSizeInGB": 1, "InstanceType": "ml.c5.xlarge", "InstanceCount": 1},
            } | more

        reason = "AlgorithmError: recipe.yaml: field stepz"
        stubs["sagemaker"].add_response("describe_training_job", job("InProgress", "Starting"))
        stubs["sagemaker"].add_response("describe_training_job", job("InProgress", "Interrupted"))
        stubs["sagemaker"].add_response("describe_training_job", job("InProgress", "Training"))
        stubs["sagemaker"].add_response("describe_training_job", job("Failed", "Failed", FailureReason=reason))
        stubs["logs"].add_response("describe_log_streams", {"logStreams": []})
        with pytest.raises(DeployError, match="is Failed: AlgorithmError"):
            train(account, described, root / "source" / "mine.yaml", "s3://data/x", "s3://out/y", said.append)
    assert [line.partition("s  ")[2].split(", ")[1] for line in said[:4]] == [
        "Starting", "Interrupted", "Training", "Failed",
    ]  # fmt: skip


def test_a_spot_job_waits_resumes_and_hides_what_it_reads():
    fields = {"training.spot": True, "training.hours": 2, "training.wait_hours": 6, "kms_key": "key"}
    asked = training_request(deployment(**fields), "crumple-demo-1", "s3://data/x", "s3://out/y/")
    assert asked["EnableManagedSpotTraining"] and asked["StoppingCondition"] == {
        "MaxRuntimeInSeconds": 7200,
        "MaxWaitTimeInSeconds": 21600,
    }
    assert asked["CheckpointConfig"] == {"S3Uri": "s3://out/y/demo/checkpoints", "LocalPath": "/opt/ml/checkpoints"}
    assert asked["EnableNetworkIsolation"] and asked["ResourceConfig"]["VolumeKmsKeyId"] == "key"
    assert asked["RoleArn"] == ROLE
    several = training_request(deployment(**{"training.instances": 2}), "j", "s3://data/x", "s3://out/y")
    assert several["ResourceConfig"]["InstanceCount"] == 2 and not several["EnableNetworkIsolation"]


@pytest.fixture
def throttling_server(monkeypatch):
    """Says ThrottlingException twice to everything that is new, then {}."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.headers["X-Amz-Target"])
            content = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}' if len(asked) < 3 else b"{}"
            self.send_response(400 if len(asked) < 3 else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_throttled_requests_are_sent_again(throttling_server, monkeypatch):
    url, asked = throttling_server
    with stubbed():
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        assert "ResponseMetadata" in Aws().call("sagemaker", "delete_model", ModelName="m")
    assert asked == ["SageMaker.DeleteModel"] * 3


def test_what_aws_says_is_one_line(monkeypatch):
    with stubbed("sagemaker") as (account, stubs):
        for code, message, expected in (
            (
                "AccessDeniedException",
                "User x\nis not\nauthorized",
                r"User x is not authorized; docs/iam/deployer\.json",
            ),
            ("ExpiredTokenException", "expired", "log in to AWS again"),
            ("ThrottlingException", "Rate exceeded", "run the same command again in a minute"),
        ):
            stubs["sagemaker"].add_client_error("delete_model", code, message)
            with pytest.raises(AwsError, match=expected) as error:
                account.call("sagemaker", "delete_model", ModelName="m")
            assert "\n" not in str(error.value)
    with stubbed():
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens
        monkeypatch.setattr("time.sleep", lambda seconds: None)  # botocore's pauses between its attempts
        account = Aws()
        with pytest.raises(DeployError, match="AWS cannot be reached: Could not connect"):
            account.call("sagemaker", "delete_model", ModelName="m")


def test_without_credentials_or_region_there_is_one_line(monkeypatch, tmp_path):
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(DeployError, match="no AWS region is set: give --region"):
        Aws()
    with pytest.raises(DeployError, match="AWS knows no credentials of yours: run `aws configure`"):
        Aws("eu-west-1").call("sagemaker", "delete_model", ModelName="m")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(DeployError, match="AWS_PROFILE"):
        Aws("eu-west-1")
