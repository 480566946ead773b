"""What the environment says of connections: the proxy for a server, and who is trusted."""

from __future__ import annotations

import importlib
import importlib.util
import os
from ssl import SSLContext
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.replay.calls.endpoint import is_loopback

__all__ = ["proxy_for", "tls_context"]

_SPOKEN = frozenset({"http", "https"})
_NAMED_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def proxy_for(base_url: str) -> str | None:
    """The URL of the proxy that `HTTPS_PROXY` and the like name; none for this machine.

    Raises:
        ReplayError: It has no address, or is of a kind that is not spoken.
    """
    parts = urlsplit(base_url)
    if is_loopback(base_url) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    kind = _scheme(proxy)
    if kind is None:
        raise ReplayError(
            f"the environment names a proxy for {parts.hostname} whose address is no URL; write "
            "http://HOST:PORT in HTTPS_PROXY, or the host in NO_PROXY"
        )
    if kind not in _SPOKEN:
        raise ReplayError(
            f"the environment names a proxy of the kind {kind} for {parts.hostname}, and only http "
            "and https are spoken; name one of these in HTTPS_PROXY, or the host in NO_PROXY"
        )
    return proxy


def _scheme(url: str) -> str | None:
    """The scheme of a URL; none where it has no host, or that or its port cannot be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts.scheme if parts.hostname and " " not in parts.netloc else None


def tls_context(base_url: str) -> SSLContext | None:
    """The TLS of the SDKs' HTTP library, for a server at a URL; none where that speaks none.

    It is `httpx2`, on which openai 3 and anthropic 2 are built; `httpx` where only older ones are.

    Raises:
        ReplayError: The certificates that the environment names cannot be read.
    """
    if not base_url.startswith("https:"):
        return None
    newer = importlib.util.find_spec("httpx2") is not None
    library = importlib.import_module("httpx2" if newer else "httpx")
    try:
        context: SSLContext = library.create_ssl_context()
    except OSError as error:
        named = [f"; {name} is {os.environ[name]!r}" for name in _NAMED_BY if name in os.environ]
        why = error.strerror or error
        problem = f"the certificates to trust cannot be read: {why}{''.join(named)}"
        raise ReplayError(problem) from None
    return context
