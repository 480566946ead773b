"""Requests of one format in another, for tests of conversion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_llmreplay.event import Exchange, HttpRequest, HttpResponse, JsonBody, Request
from pytest_llmreplay.providers.api import Dialect, EncodedRequest
from pytest_llmreplay.providers.conversion.convert import convert
from pytest_llmreplay.providers.registry import FORMATS

__all__ = ["GPT", "HAIKU", "TARGETS", "converted", "decoded", "same", "to_chat", "to_messages"]

HAIKU = "claude-haiku-4-5"
GPT = "gpt-5-mini"
URL = "https://x.example/v1"


TARGETS = {
    "chat_completions": Dialect(provider="openai", model=GPT),
    "responses": Dialect(provider="openai", model=GPT),
    "messages": Dialect(provider="anthropic", model=HAIKU, version="2023-06-01"),
}
"""The formats into which requests are converted, each with a usual reader."""


def converted(
    source: str,
    target: str,
    body: Any,
    reader: Dialect | None = None,
    url: str = URL,
    **dialect: Any,
) -> EncodedRequest:
    """A body of any format in another, for the usual reader if for no other."""
    known = replace(reader or TARGETS[target], **dialect)
    written = convert(_exchange(body, url), FORMATS[source], FORMATS[target], known)
    assert written is not None
    return written


def decoded(api: str, body: Any) -> Request:
    """What a body asks."""
    return FORMATS[api].request(_exchange(body))


def to_chat(body: Any, provider: str = "openai", **dialect: Any) -> EncodedRequest:
    """A messages body as chat completions."""
    return _convert(body, "messages", "chat_completions", provider, {"model": GPT, **dialect})


def to_messages(body: Any, provider: str = "anthropic", **dialect: Any) -> EncodedRequest:
    """A chat completions body as messages, under the older API version."""
    named = {"model": HAIKU, "version": "2023-06-01", **dialect}
    return _convert(body, "chat_completions", "messages", provider, named)


def same(api: str, body: Any) -> EncodedRequest:
    """A body in its own format."""
    return _convert(body, api, api, "openai", {"model": GPT})


def _convert(
    body: Any, source: str, target: str, provider: str, dialect: dict[str, Any]
) -> EncodedRequest:
    known = Dialect(provider=provider, **dialect)
    written = convert(_exchange(body), FORMATS[source], FORMATS[target], known)
    assert written is not None
    return written


def _exchange(body: Any, url: str = URL) -> Exchange:
    request = HttpRequest(method="POST", url=url, body=JsonBody(value=body))
    return Exchange(request=request, response=HttpResponse(status=200))
