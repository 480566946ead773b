"""Which certificates are trusted: those that the application's own SDKs trust."""

from __future__ import annotations

import importlib
import importlib.util
from ssl import SSLContext

__all__ = ["tls_context"]


def tls_context(base_url: str) -> SSLContext | None:
    """The TLS of the SDKs' HTTP library, for a server at a URL; none where that speaks none.

    It is `httpx2`, on which openai 3 and anthropic 2 are built; `httpx` where only older ones are.
    """
    if not base_url.startswith("https:"):
        return None
    newer = importlib.util.find_spec("httpx2") is not None
    context: SSLContext = importlib.import_module(
        "httpx2" if newer else "httpx"
    ).create_ssl_context()
    return context
