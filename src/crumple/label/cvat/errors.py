"""What can go wrong with labels on a server."""

from crumple.errors import CrumpleError


class CvatError(CrumpleError):
    """A CVAT server that cannot be used, or what it refused, with what to do; running the command again is safe."""
