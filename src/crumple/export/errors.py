"""What stops an export."""

from crumple.errors import CrumpleError


class ExportError(CrumpleError):
    """A conversion that failed, or that would give other detections than the checkpoint does."""
