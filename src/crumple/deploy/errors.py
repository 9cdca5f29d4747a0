"""What can go wrong between here and AWS."""

from crumple.errors import CrumpleError

THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown")
MISSING = ("NoSuchKey", "NoSuchBucket", "404", "NotFound", "ResourceNotFound", "ResourceNotFoundException")
MISSING_WORDS = ("could not find", "cannot find", "does not exist", "no scalable target", "not found")


class DeployError(CrumpleError):
    """A deployment that cannot be made, or was not: what, where, why."""


class AwsError(DeployError):
    """AWS answered with an error. code: its name for it; reason: its words."""

    def __init__(self, message: str, code: str, reason: str) -> None:
        super().__init__(message)
        self.code, self.reason = code, reason

    @property
    def throttled(self) -> bool:
        """Whether the same request will do in a while."""
        return self.code in THROTTLED

    @property
    def missing(self) -> bool:
        """Whether what was asked about is not there. SageMaker says so in words only."""
        return self.code in MISSING or any(words in self.reason.lower() for words in MISSING_WORDS)
