"""Where the calls of one provider go, and what may go there."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import parse_qs, urlsplit

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.calls.endpoint import host_of, is_loopback
from pytest_llmreplay.replay.calls.trust import USABLE

from .addresses import connect

__all__ = ["AUTH_HEADERS", "TIMEOUT", "Upstream", "open_connection"]

AUTH_HEADERS = ("authorization", "x-api-key", "api-key", "x-goog-api-key")
"""Headers in which callers send keys."""

_KEYS_IN_QUERY = frozenset({"key", "upload_id"})  # the second lets a file's pieces in, at Google

TIMEOUT = 600.0
"""Seconds of silence after which a live call is given up, as the SDKs have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The address of a provider, as its SDK takes it.

    Raises:
        ConfigError: It is no plain base URL.
    """

    provider: str
    base_url: str
    place: str
    """Where it is written, for messages."""
    usual: str = ""
    """The part of a call's path that this address holds already, as `/v1` or `/v2/chat`."""
    keyless: bool = False
    """Whether servers of this provider want no key."""
    trusted: bool = False
    """Whether `LLMREPLAY_TRUST` names its host."""
    known: bool = True
    """Whether anybody named it; else it stands for a host that only the recording knows."""

    def __post_init__(self) -> None:
        found = USABLE.fullmatch(self.base_url)
        if found is None or int(found["port"] or 1) not in range(1, 65536):
            raise ConfigError(
                f"{self.place}: cannot be used as a base URL; write "
                "http(s)://host[:port][/path] without user, password, query or fragment"
            )

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        at = urlsplit(self.base_url)
        return f"{at.scheme}://{at.netloc}"

    @property
    def path(self) -> str:
        """What an SDK's own path is appended to, without a slash at its end."""
        return urlsplit(self.base_url).path.rstrip("/")

    @property
    def loopback(self) -> bool:
        """Whether the upstream is on this machine."""
        return is_loopback(self.base_url)

    @property
    def in_clear(self) -> bool:
        """Whether others could read what goes there."""
        return self.base_url.startswith("http:") and not self.loopback

    def problem(self, headers: Mapping[str, str], query: str) -> tuple[int, str] | None:
        """Why a call does not go there: a status and words; none where it may.

        Args:
            headers: Of the caller, lower-case names.
            query: Of the caller; Google's clients may send the key there.
        """
        if not self.known:
            return 502, f"nobody says where {self.provider} is: set {self.place}"
        if self.in_clear and not self.trusted:
            return 403, (
                f"{self.place}: {host_of(self.base_url)} would get prompts over http, for anybody "
                f'on the way to read. If you trust it: export LLMREPLAY_TRUST="'
                f'{host_of(self.base_url)}"'
            )
        in_query = not _KEYS_IN_QUERY.isdisjoint(parse_qs(query))
        if in_query and self.in_clear:
            return 403, f"{self.place}: a key in the query would be read on the way; use https"
        if not self.loopback and headers.get("authorization", "").startswith("AWS4-"):
            return 401, (
                "the call is signed, and its signature names this server, not "
                f"{host_of(self.base_url)}; give the process AWS_BEARER_TOKEN_BEDROCK"
            )
        if self.keyless or in_query or any(headers.get(name) for name in AUTH_HEADERS):
            return None
        return 401, "the call has no key, and this server adds none"


def open_connection(upstream: Upstream, timeout: float = TIMEOUT) -> HTTPConnection:
    """A connection to an upstream whose address was looked at.

    Raises:
        AddressRefused: The host is where nothing is sent.
        OSError: It cannot be reached.
    """
    at = urlsplit(upstream.base_url)
    host, secure = at.hostname or "", at.scheme == "https"
    port = at.port or (443 if secure else 80)
    sock = connect(
        host, port, loopback=upstream.loopback, private=upstream.trusted, timeout=timeout
    )
    if not secure:
        plain = HTTPConnection(host, port, timeout=timeout)
        plain.sock = sock
        return plain
    context = ssl.create_default_context()
    connection = HTTPSConnection(host, port, timeout=timeout, context=context)
    try:
        connection.sock = context.wrap_socket(sock, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    return connection
