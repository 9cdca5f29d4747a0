"""What a source may answer other than photos, in one line each."""

from crumple.errors import CrumpleError


class SourceError(CrumpleError):
    """A source refuses, or answers what cannot be understood."""


class NetworkError(SourceError):
    """A host cannot be reached, or breaks off, also after several attempts."""


class QuotaError(SourceError):
    """A source has had enough requests for now."""


class Stopped(Exception):
    """The run is to end: work that waits gives up. Never shown."""
