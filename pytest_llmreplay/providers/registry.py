"""The API formats by name, and whose call a request is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pytest_llmreplay.errors import did_you_mean
from pytest_llmreplay.event import Decoder, Event, Json
from pytest_llmreplay.providers.endpoints.calls import host_of, is_private
from pytest_llmreplay.providers.endpoints.lookup import provider_named, provider_of_host
from pytest_llmreplay.providers.endpoints.routes import path_of, route_of

from .api import ApiFormat
from .on_demand import OnDemand
from .other import OTHER

__all__ = [
    "FORMATS",
    "GATEWAY",
    "LOCAL",
    "Identity",
    "decoder_of",
    "format_asked",
    "format_of",
    "identify",
    "unknown_format",
]

_SHARED = {
    "ollama_chat": "ollama",
    "ollama_generate": "ollama",
    "cohere_chat_v1": "cohere_v1",
    "cohere_generate": "cohere_v1",
}
FORMATS: Mapping[str, ApiFormat] = OnDemand(
    {
        name: _SHARED.get(name, name)
        for name in (
            "chat_completions",
            "responses",
            "completions",
            "messages",
            "generate_content",
            "interactions",
            "converse",
            "ollama_chat",
            "ollama_generate",
            "cohere_chat",
            "cohere_chat_v1",
            "cohere_generate",
            "embeddings",
            "invoke",
        )
    }
)

_AT_ONE_PATH = {
    "invoke": ("messages", "embeddings", "invoke"),
    "cohere_chat_v1": ("cohere_chat_v1", "chat_completions"),  # Writer's chat
}
"""Formats that share the paths of a route."""

LOCAL = "local"
"""Provider of a server on this machine or in a private network that names no other."""
GATEWAY = "gateway"
"""Provider of any other host that is in no row of the table."""

_PORTS = {"11434": "ollama"}
_PROXIED = {"oai.helicone.ai": "openai", "anthropic.helicone.ai": "anthropic"}
_PROXIES = frozenset({"helicone", "vercel", "cloudflare"})
_PREFIXES = {
    "google-vertex": "vertex",
    "google-vertex-ai": "vertex",
    "google-ai-studio": "gemini",
    "aws-bedrock": "bedrock",
    "azure-openai": "azure",
    "workers-ai": "cloudflare",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose call a request is."""

    api: str
    """A name in `FORMATS`, or `other`."""
    provider: str
    model: str | None
    """The model that is asked for."""


def format_of(api: str) -> ApiFormat | None:
    """The format of this name; `None` for `other` and for what this version does not know."""
    return FORMATS.get(api)


def format_asked(event: Event) -> ApiFormat | None:
    """The format of an event, in the shape of whoever was asked."""
    known = format_of(event.api)
    return None if known is None else known.answering(event.exchange.request)


def decoder_of(api: str) -> Decoder:
    """What decodes events of this name; never fails."""
    return FORMATS.get(api) or OTHER


def unknown_format(api: str, known: Collection[str] = (*FORMATS, OTHER.name)) -> str | None:
    """What to say of a name that no format has; none where one has it.

    Args:
        api: The name.
        known: The names that are meant: by default `other` is one.
    """
    if api in known:
        return None
    meant = did_you_mean(api, known, f"; known are {', '.join(known)}")
    return f"unknown API format {api!r}{meant}"


def identify(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Json,
) -> Identity:
    """Tell format, provider and model: the path decides, the host names, the body confirms.

    Args:
        method: Any case.
        url: Absolute.
        headers: Lower-case names.
        body: The parsed body; `None` where it is no JSON.
    """
    provider = _provider_of(url.partition("?")[0])
    path = path_of(url)
    if method.upper() == "POST":
        for known in _meant_by(path):
            if known.recognises(path, headers, body):
                return Identity(api=known.name, provider=provider, model=known.model(url, body))
    return Identity(api=OTHER.name, provider=provider, model=OTHER.model(url, body))


def _meant_by(path: str) -> Iterator[ApiFormat]:
    """The formats that a path may belong to, which some tell by their bodies."""
    route = route_of(path)
    if route is not None:
        names = _AT_ONE_PATH.get(route.api, (route.api,))
        yield from [FORMATS[name] for name in names if name in FORMATS]


@lru_cache(maxsize=2048)
def _provider_of(url: str) -> str:
    host = host_of(url)
    if host in _PROXIED:
        return _PROXIED[host]
    owner = provider_of_host(host)
    if owner is not None and owner.name not in _PROXIES:
        return owner.name
    if (named := _named_in(path_of(url))) is not None:
        return named
    if owner is not None:
        return owner.name
    return _by_port(url) if is_private(host) else GATEWAY


def _named_in(path: str) -> str | None:
    """The provider that a gateway writes before the path of the format."""
    for segment in path.split("/")[1:-1]:
        provider = provider_named(_PREFIXES.get(segment, segment))
        if provider is not None:
            return provider.name
    return None


def _by_port(url: str) -> str:
    authority = url.partition("://")[2].partition("/")[0]
    return _PORTS.get(authority.rpartition(":")[2], LOCAL)
