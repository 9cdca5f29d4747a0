"""Which addresses the service may turn to for somebody else: those of the public internet, and no others.

A host name is resolved once, and the connection goes to the address that was checked: a name that changes its mind in
between (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from crumple.serve.contract.urls import PORTS, ForbiddenAddressError, host_and_port

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet; one that stands for an IPv4 address, if that one does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None or address.teredo is not None:  # tunnels to who knows where
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def public_address(host: str, port: int) -> str:
    """The first address of a host. Raises ForbiddenAddressError if any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ForbiddenAddressError(f"{host}: there is no such host") from None
    addresses = [str(entry[4][0]) for entry in found]
    for text in addresses:
        if not is_public(ipaddress.ip_address(text.split("%")[0])):
            raise ForbiddenAddressError(f"{host}: is no public address")
    return addresses[0]


def pinned(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    private: bool = False,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> httpx.Request:
    """A request that goes to the address that was checked, while certificate and Host stay those of the URL.

    private: let it go to any address. Raises ForbiddenAddressError.
    """
    host, port = host_and_port(url)
    if private:
        return client.build_request(method, url, headers=headers, content=content)
    address = public_address(host, port)
    target = httpx.URL(url).copy_with(host=address)
    default = PORTS[urlsplit(url).scheme] == port
    extensions: dict[str, Any] = {"sni_hostname": host}
    named = {**(headers or {}), "Host": host if default else f"{host}:{port}"}
    return client.build_request(method, target, headers=named, content=content, extensions=extensions)
