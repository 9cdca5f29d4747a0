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

from crumple.serve.contract.urls import PORTS, ForbiddenAddressError, UnknownHostError, host_and_port

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What Python takes for public though nobody's server is there, and Azure's inside of every virtual machine.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "fec0::/10",  # site-local, RFC 3879
            "3fff::/20",  # documentation, RFC 9637
            "192.0.0.0/24",  # protocol assignments, RFC 6890, relays and NAT64 discovery included
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "168.63.129.16/32",  # Azure: metadata, DNS and health of a virtual machine
        ),
    )
)


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet; one that stands for an IPv4 address, if that one does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None or address.teredo is not None:  # tunnels to who knows where
            return False
    if any(address.version == network.version and address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def public_address(host: str, port: int) -> str:
    """The first address of a host. Raises ForbiddenAddressError if any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnknownHostError(f"{host}: there is no such host") from None
    addresses = [str(entry[4][0]) for entry in found]
    for text in addresses:
        if not is_public(ipaddress.ip_address(text.split("%")[0])):
            raise ForbiddenAddressError(f"{host}: is no public address")
    return addresses[0]


def leads_inside(url: str) -> bool:
    """Whether the host of a URL has an address that is not public now. One without any has none."""
    host, port = host_and_port(url)
    try:
        public_address(host, port)
    except UnknownHostError:
        return False
    except ForbiddenAddressError:
        return True
    return False


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
