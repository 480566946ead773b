"""Getting what a log points at: public HTTPS addresses only, within bounds, and nothing else."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit

from pytest_llmreplay.errors import InputUnreadable

from .files import LONGEST_LINE

__all__ = ["Fetcher"]

_SECONDS = 30
"""Without a byte."""
_MOST_SECONDS = 300
_BLOCK = 1024 * 1024
_OK = 200


def _public_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a host.

    Raises:
        InputUnreadable: It has none, or one that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InputUnreadable(f"the host of signed_body_url is not found: {error}") from None
    addresses = [str(address[0]) for *_, address in found]
    if not all(ipaddress.ip_address(address.partition("%")[0]).is_global for address in addresses):
        raise InputUnreadable("signed_body_url leads into a private network; it is not fetched")
    return addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Gets one body after another.

    No redirect is followed, and the connection goes to the very address that was checked.
    """

    resolve: Callable[[str, int], Sequence[str]] = _public_addresses
    """The addresses of a host that may be asked; raises InputUnreadable."""
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def __call__(self, url: str) -> bytes:
        """The bytes at a URL.

        Raises:
            InputUnreadable: It is no public HTTPS address, or no answer came within bounds.
        """
        host, port, path = _parts(url)
        connection = _Pinned(host, port, self.resolve(host, port)[0], self.context)
        try:
            connection.request("GET", path, headers={"accept": "application/json"})
            answer = connection.getresponse()
            data = _read(answer)
        except (OSError, HTTPException) as error:
            raise InputUnreadable(f"signed_body_url cannot be fetched: {error}") from None
        finally:
            connection.close()
        if answer.status != _OK:
            raise InputUnreadable(f"signed_body_url answers with status {answer.status}")
        return data


class _Pinned(HTTPSConnection):
    """A connection to one address of a host."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=_SECONDS, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        """Connect to the address, and prove that the host is there."""
        plain = socket.create_connection((self._address, self.port), timeout=_SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _read(answer: HTTPResponse) -> bytes:
    """The body, as far as it comes in time and is not too large."""
    data, deadline = bytearray(), time.monotonic() + _MOST_SECONDS
    while piece := answer.read1(_BLOCK):
        data += piece
        if len(data) > LONGEST_LINE:
            raise InputUnreadable("what is behind signed_body_url is larger than 64 MB")
        if time.monotonic() > deadline:
            raise InputUnreadable("signed_body_url is too slow")
    return bytes(data)


def _parts(url: str) -> tuple[str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise InputUnreadable("signed_body_url is no address") from None
    if parts.scheme != "https" or not host or "@" in parts.netloc:
        raise InputUnreadable("signed_body_url is no plain https address; it is not fetched")
    query = f"?{parts.query}" if parts.query else ""
    return host, port, (parts.path or "/") + query
