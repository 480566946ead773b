"""Asks a provider which models it offers: one GET, no redirect, a short wait."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException

from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.trust import without_key
from pytest_llmreplay.serve.addresses import AddressRefused
from pytest_llmreplay.serve.upstream import Upstream, open_connection

__all__ = ["NotListed", "models_at"]

_LARGEST = 8 * 1024 * 1024
_OK = 200


class NotListed(LlmReplayError):
    """A provider did not say which models it offers."""


@dataclass(frozen=True, slots=True)
class _List:
    """Where a provider lists its models."""

    path: str
    """Appended to the base URL."""
    headers: Mapping[str, str]
    drop: str = ""
    """What the base URL may end with that belongs to another API of the same server."""


# https://platform.claude.com/docs/en/api/models/list
# https://ai.google.dev/api/models, https://docs.ollama.com/api/tags
# https://docs.cohere.com/reference/list-models
_MESSAGES = _List("/v1/models?limit=1000", {"anthropic-version": "2023-06-01"})
_LISTS = {
    ("anthropic", "messages"): _MESSAGES,
    ("gemini", "generate_content"): _List("/models?pageSize=1000", {}),
    ("ollama", "chat_completions"): _List("/api/tags", {}, drop="/v1"),
    ("cohere", "cohere_chat"): _List("/v1/models?page_size=1000", {}),
}
_OPENAI = _List("/models", {})


def models_at(endpoint: Endpoint, api: str, *, trusted: bool, timeout: float) -> list[str]:
    """Names of the models, in the provider's order.

    Args:
        endpoint: Where to ask, with the key that may go there.
        api: The API format that the endpoint's base URL is for.
        trusted: Whether `LLMREPLAY_TRUST` names the host.
        timeout: Seconds for each step.

    Raises:
        NotListed: It does not answer, or not with a list; says why, in a few words.
    """
    usual = _MESSAGES if api == "messages" else _OPENAI
    where = _LISTS.get((endpoint.provider, api), usual)
    upstream = Upstream(
        provider=endpoint.provider,
        base_url=endpoint.base_url.removesuffix(where.drop) + where.path.partition("?")[0],
        place=endpoint.provider,
        trusted=trusted,
    )
    query = where.path.partition("?")[2]
    target = upstream.path + (f"?{query}" if query else "")
    headers = {**where.headers, **endpoint.auth_headers(), "accept": "application/json"}
    try:
        status, body = _got(upstream, target, headers, timeout)
    except (AddressRefused, OSError, HTTPException) as error:
        raise NotListed(f"no answer: {error}") from None
    if status != _OK:
        raise NotListed(_why(status, endpoint))
    return list(_names(_parsed(body)))


def _got(
    upstream: Upstream, target: str, headers: Mapping[str, str], timeout: float
) -> tuple[int, bytes]:
    connection = open_connection(upstream, timeout)
    try:
        connection.request("GET", target, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read(_LARGEST)
    finally:
        connection.close()


def _why(status: int, endpoint: Endpoint) -> str:
    if endpoint.lacks_key(status):
        return f"HTTP {status}, {without_key(endpoint.host)}"
    if status in {401, 403}:
        return f"the key is refused (HTTP {status})"
    return "it redirects, which is never followed" if 300 <= status < 400 else f"HTTP {status}"  # noqa: PLR2004  # classes of HTTP


def _parsed(body: bytes) -> Json:
    try:
        value: Json = json.loads(body)
    except (ValueError, RecursionError):
        raise NotListed("the answer is no JSON") from None
    return value


def _names(value: Json) -> Iterator[str]:
    """The names in a list of models, in any of the shapes that there are."""
    if isinstance(value, dict):
        value = value.get("data", value.get("models"))
    if not isinstance(value, list):
        raise NotListed("the answer is no list of models")
    for entry in value:
        if isinstance(entry, dict):
            name = entry.get("id") or entry.get("name") or entry.get("model")
            if isinstance(name, str):
                yield name.removeprefix("models/")
