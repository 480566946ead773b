"""Connections of urllib3 to one endpoint, for who waits: a quarter less time than with httpx."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    Timeout,
)
from urllib3.connection import HTTPConnection, HTTPSConnection

from pytest_llmreplay.replay.calls.endpoint import Endpoint

from .environment import proxy_for, tls_context

__all__ = ["OwnPool"]


class OwnPool:
    """A pool; any thread may use it.

    Args:
        endpoint: Where calls go.
        connections: How many are kept.
    """

    def __init__(self, endpoint: Endpoint, *, connections: int) -> None:
        options: dict[str, Any] = {"maxsize": connections, "retries": False}
        if (context := tls_context(endpoint.base_url)) is not None:
            options["ssl_context"] = context
        proxy = proxy_for(endpoint.base_url)
        if proxy is None:
            self._manager = PoolManager(**options)
        else:
            self._manager = ProxyManager(proxy, proxy_headers=_credentials(proxy), **options)
        self._manager.pool_classes_by_scheme = _POOLS
        self._pool = self._manager.connection_from_url(endpoint.base_url)

    def post(
        self, url: str, headers: Mapping[str, str], content: bytes, limits: Timeout
    ) -> BaseHTTPResponse:
        """The answer, which has begun; no redirect is followed.

        Args:
            url: Of the endpoint.
            headers: All of them.
            content: The body.
            limits: Seconds to wait.

        Raises:
            urllib3.exceptions.HTTPError: No answer came.
        """
        # Only the pool knows where it leads to, and only the manager how to ask a proxy.
        direct = self._manager.proxy is None
        send, place = (self._pool, _target(url)) if direct else (self._manager, url)
        return send.urlopen(
            "POST",
            place,
            body=content,
            headers=headers,
            timeout=limits,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._manager.clear()


class _InOnePiece(HTTPConnection):
    """A connection that sends a head together with its body.

    The library sends one after the other, which are two packets, and wakes the server twice.
    """

    _held: list[bytes] | None = None
    """What is sent when the request is whole; None: at once."""

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request."""
        self._held = []
        try:
            super().request(*args, **options)
            request = b"".join(self._held)
        finally:
            self._held = None
        self.send(request)

    def send(self, data: Any) -> None:
        """Send a part of a request."""
        if self._held is None:
            super().send(data)
        else:
            self._held.append(data)


class _TlsInOnePiece(_InOnePiece, HTTPSConnection):
    """The same, encrypted."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _InOnePiece


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsInOnePiece


_POOLS = {"http": _Pool, "https": _TlsPool}


@lru_cache(maxsize=256)
def _target(url: str) -> str:
    """A URL without scheme and host."""
    parts = urlsplit(url)
    return parts._replace(scheme="", netloc="").geturl() or "/"


def _credentials(proxy: str) -> dict[str, str]:
    """What a proxy is told of who asks, where its URL says it."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    named = unquote_to_bytes(f"{parts.username}:{parts.password or ''}")
    return {"proxy-authorization": f"Basic {b64encode(named).decode()}"}
