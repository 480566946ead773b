"""Which addresses a call may connect to, told when its host's name has been looked up.

A name is looked up once, and the address that was looked at is the one that is connected to: a
name server cannot answer one thing to the check and another to the call.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

__all__ = ["AddressRefused", "connect"]

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# Addresses at which clouds tell a machine its own credentials, and which are not all link-local:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
# https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
_METADATA = frozenset({"169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class AddressRefused(Exception):
    """The host is at an address that nothing is sent to."""


def connect(
    host: str, port: int, *, loopback: bool, private: bool, timeout: float
) -> socket.socket:
    """Connect to a host, if the address that its name leads to may be asked.

    Args:
        host: Name or address, without brackets.
        port: Of TCP.
        loopback: Whether the host was named as this machine; nothing else may lead here.
        private: Whether the environment trusts the host, so that it may be in a private network.
        timeout: Seconds for each step.

    Raises:
        AddressRefused: The host is where nothing is sent.
        OSError: It cannot be reached.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, place in found:
        _check(host, str(place[0]), loopback=loopback, private=private)
    return _first(_attempts(found, timeout))


def _attempts(found: list[Any], timeout: float) -> Iterator[Callable[[], socket.socket]]:
    for family, kind, protocol, _, place in found:

        def attempt(
            family: int = family, kind: int = kind, protocol: int = protocol, place: Any = place
        ) -> socket.socket:
            return _connected(socket.socket(family, kind, protocol), place, timeout)

        yield attempt


def _connected(sock: socket.socket, place: Any, timeout: float) -> socket.socket:
    try:
        sock.settimeout(timeout)
        sock.connect(place)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _first(attempts: Iterator[Callable[[], socket.socket]]) -> socket.socket:
    failed: OSError = OSError("the host has no address")
    for attempt in attempts:
        try:
            return attempt()
        except OSError as error:
            failed = error
    raise failed


def _check(host: str, text: str, *, loopback: bool, private: bool) -> None:
    address = _plain(ipaddress.ip_address(text.partition("%")[0]))
    if str(address) in _METADATA or _is_never(address):
        raise AddressRefused(f"{host} is at {text}, where nothing is ever sent")
    if address.is_loopback:
        if not loopback:
            raise AddressRefused(f"{host} is at {text}: this machine, by another name")
    elif not address.is_global and not private:
        raise AddressRefused(
            f"{host} is at {text}, in a private network; if you trust it: "
            f'export LLMREPLAY_TRUST="{host}"'
        )


def _plain(address: _Address) -> _Address:
    """The IPv4 address that one of IPv6 stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_never(address: _Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified
