"""What the service takes for the URL of another machine."""

from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


class ForbiddenAddressError(Exception):
    """A URL that leads where the service does not go, or nowhere."""


class UnknownHostError(ForbiddenAddressError):
    """A host name that has no address, at the moment."""


def host_and_port(url: str) -> tuple[str, int]:
    """Where an http or https URL leads, the host in ASCII. Raises ForbiddenAddressError for what is no such URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
    except (ValueError, KeyError):
        raise ForbiddenAddressError(f"{url:.200}: is no http or https URL") from None
    if not host or parts.username is not None:
        raise ForbiddenAddressError(f"{url:.200}: names no host, or a user")
    return host, port
