"""Hosts that are told by their name alone, without a resolver: addresses, and this machine."""

from __future__ import annotations

import ipaddress
import socket

__all__ = ["address_of", "is_this_machine"]


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host spells out, as resolvers read it: `127.1` and `0x7f000001` are one.

    https://pubs.opengroup.org/onlinepubs/9699919799/functions/inet_addr.html

    Args:
        host: Without brackets and port; a zone (`fe80::1%eth0`) is passed over.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _numbers(host)
    return getattr(address, "ipv4_mapped", None) or address


def is_this_machine(host: str) -> bool:
    """Whether a host is a loopback address, the address of none (`0.0.0.0`), or `localhost`."""
    if host.removesuffix(".") == "localhost":  # https://www.rfc-editor.org/rfc/rfc6761#section-6.3
        return True
    address = address_of(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _numbers(host: str) -> ipaddress.IPv4Address | None:
    if host.split() != [host]:  # what follows a space is passed over there
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        return None
