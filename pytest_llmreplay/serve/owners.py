"""What a path tells: whose its call is, so that its key goes to nobody else, and what it asks."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from pytest_llmreplay.providers.endpoints.lookup import format_owner
from pytest_llmreplay.providers.endpoints.routes import route_of

from .upstream import Upstream

__all__ = ["is_azure", "joined", "owner_of_path", "versioned"]

# Clouds serve the formats of others, and many have a path of their own for embeddings.
_OWN = (
    (re.compile(r"/publishers/[^/]+/models/"), "vertex"),
    (re.compile(r"/model/[^/]+/(?:converse|invoke)"), "bedrock"),
    (re.compile(r"/api/embed/?\Z"), "ollama"),
    (re.compile(r"/v[12]/embed/?\Z"), "cohere"),
    (re.compile(r":(?:embedContent|batchEmbedContents)/?\Z"), "gemini"),
)


def owner_of_path(path: str) -> str | None:
    """The provider that has this path; none where no format has it, or where it is a whole URL."""
    route = route_of(path)
    if route is None or "://" in path:
        return None
    return next((name for own, name in _OWN if own.search(path)), format_owner(route.api))


def joined(upstream: Upstream, path: str) -> str:
    """The path that a client of the upstream asks, who has it with its version or without."""
    below = upstream.usual and f"{path}/".startswith(f"{upstream.usual}/")
    if below or upstream.provider == "openai":
        return upstream.path + path.removeprefix(upstream.usual)
    return upstream.path.removesuffix(upstream.usual).removesuffix("/v1") + path


def is_azure(upstream: Upstream, query: str) -> bool:
    """Whether a client of Azure calls, whose key is none of OpenAI's.

    That of JavaScript takes `OPENAI_BASE_URL` before the variable of its own:
    https://github.com/openai/openai-node/blob/master/src/azure.ts
    """
    usual = upstream.provider == "openai" and upstream.place != "OPENAI_BASE_URL"
    return usual and "api-version" in parse_qs(query)


def versioned(upstream: Upstream, path: str) -> str:
    """The path of Anthropic's API, of which Vercel's SDK takes the version for part of the address.

    It appends `/messages` to what `ANTHROPIC_BASE_URL` names, and so do we where somebody set that:
    https://github.com/vercel/ai/blob/main/packages/anthropic/src/anthropic-provider.ts
    """
    usual = upstream.provider == "anthropic" and upstream.place != "ANTHROPIC_BASE_URL"
    return f"/v1{path}" if usual and path.startswith("/messages") else path
