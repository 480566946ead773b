"""Which certificates are trusted: those that the application's own SDKs trust."""

from __future__ import annotations

import importlib
import importlib.util
import os
from ssl import SSLContext

from pytest_llmreplay.errors import ReplayError

__all__ = ["tls_context"]

_NAMED_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR")


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
