"""Connections of urllib3 to one endpoint, for who waits: a quarter less time than with httpx."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Timeout, make_headers

from pytest_llmreplay.replay.calls.endpoint import Endpoint

from .certificates import tls_context
from .proxies import proxy_for

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
    named = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return dict(make_headers(proxy_basic_auth=named))
