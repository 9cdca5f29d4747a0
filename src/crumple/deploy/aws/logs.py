"""The last words of a container, from CloudWatch."""

from crumple.deploy.aws.account import Account
from crumple.deploy.errors import DeployError

ENDPOINTS = "/aws/sagemaker/Endpoints"
TRAINING = "/aws/sagemaker/TrainingJobs"
TRANSFORM = "/aws/sagemaker/TransformJobs"


def last_lines(account: Account, group: str, prefix: str = "", lines: int = 10) -> list[str]:
    """The last lines of the stream of a log group that was written to last; none if there is nothing to read.

    prefix: of the stream's name, where jobs share a group.
    """
    try:
        order = {"logStreamNamePrefix": prefix} if prefix else {"orderBy": "LastEventTime", "descending": True}
        answer = account.find("logs", "describe_log_streams", logGroupName=group, **order)
        streams = (answer or {}).get("logStreams", [])
        if not streams:
            return []
        stream = max(streams, key=lambda stream: stream.get("lastEventTimestamp", 0))["logStreamName"]
        found = account.call("logs", "get_log_events", logGroupName=group, logStreamName=stream, limit=lines)
    except DeployError as error:  # the failure itself is what matters, not that its log cannot be read
        return [f"(the log cannot be read: {error})"]
    return [event["message"].rstrip() for event in found.get("events", [])][-lines:]
