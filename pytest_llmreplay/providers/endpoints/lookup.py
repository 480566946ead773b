"""Which provider a name or a host means."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from .provider import Provider
from .table import PROVIDERS

__all__ = ["match_host", "provider_named", "provider_of_host"]

_BY_NAME = {provider.name: provider for provider in PROVIDERS}
_BY_OTEL_NAME = {provider.otel_name: provider for provider in reversed(PROVIDERS)}


def provider_named(name: str) -> Provider | None:
    """The provider of a name as users type it, or as OpenTelemetry writes it."""
    return _BY_NAME.get(name) or _BY_OTEL_NAME.get(name)


@lru_cache(maxsize=1024)
def provider_of_host(host: str) -> Provider | None:
    """Whose host this is; `None` for a host that is in nobody's row."""
    found = match_host(host.lower())
    return found[0] if found else None


def match_host(host: str) -> tuple[Provider, str] | None:
    """The provider of a host, and the path under which it serves models there."""
    for provider in PROVIDERS:
        for pattern in provider.hosts:
            name, slash, under = pattern.partition("/")
            if fnmatchcase(host, name):
                return provider, slash + under
    return None
