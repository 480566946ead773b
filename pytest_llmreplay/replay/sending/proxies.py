"""The proxy that the environment names for a server."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.replay.calls.endpoint import is_loopback

__all__ = ["proxy_for"]

_SPOKEN = frozenset({"http", "https"})


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
