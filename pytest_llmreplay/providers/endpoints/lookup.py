"""Which provider a name, a host or a model means, and whose a format is."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from .provider import Provider
from .table import PROVIDERS

__all__ = ["format_owner", "match_host", "provider_named", "provider_of_host", "provider_of_model"]

_BY_NAME = {provider.name: provider for provider in PROVIDERS}
_BY_OTEL_NAME = {provider.otel_name: provider for provider in reversed(PROVIDERS)}

_FAMILIES = (
    (re.compile(r"gpt-(?!oss)|chatgpt-|o\d(-|$)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"gemini-"), "gemini"),
    (re.compile(r"grok-"), "xai"),
)
"""Models that only one provider's name belongs to."""
_OWNERS = {
    "messages": "anthropic",
    "count_tokens": "anthropic",
    "generate_content": "gemini",
    "interactions": "gemini",
    "ollama_chat": "ollama",
    "ollama_generate": "ollama",
    "cohere_chat": "cohere",
    "cohere_chat_v1": "cohere",
    "cohere_generate": "cohere",
}
"""Whose formats they are; all others are OpenAI's."""


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


def provider_of_model(model: str) -> str | None:
    """The provider whose own name a model bears."""
    return next((name for pattern, name in _FAMILIES if pattern.match(model)), None)


def format_owner(api: str) -> str:
    """Name of the provider whose own format it is."""
    return _OWNERS.get(api, "openai")
