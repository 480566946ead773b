"""Where a call went, for a log that does not tell it."""

from __future__ import annotations

from urllib.parse import quote

from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.endpoints.lookup import provider_named

__all__ = ["address_of"]

_UNDER_VERSION = frozenset({"chat_completions", "completions", "responses", "embeddings"})
"""Formats whose base URLs end in a version."""


def address_of(
    provider: str,
    known: ApiFormat,
    *,
    model: str | None,
    stream: bool,
    host: str | None = None,
) -> str:
    """The provider's own address for requests of a format.

    Without one, it is a name that nobody can own
    (https://www.rfc-editor.org/rfc/rfc6761#section-6.4): that of a provider whose customers have
    hosts of their own, or of one that is unknown.

    Args:
        provider: A name of the table of providers, or any other.
        known: The format.
        model: The model that is asked for; some formats have it in the path.
        stream: Whether pieces are asked for; some formats say so in the path.
        host: Where the log says that it went.
    """
    row = provider_named(provider)
    base = row.base_urls.get(known.name) if row else None
    if base is None:
        version = "/v1" if known.name in _UNDER_VERSION else ""
        base = f"https://{host or f'{provider}.invalid'}{version}"
    path = known.stream_path if stream else known.path
    named = quote(model or "unknown", safe="", errors="replace")
    return base.rstrip("/") + path.replace("{model}", named)
