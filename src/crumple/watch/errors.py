"""What stops a watch."""

from crumple.errors import CrumpleError


class VideoError(CrumpleError):
    """A video or camera that cannot be read, or a video that cannot be written."""
