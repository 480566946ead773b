"""What an answer shows of its call, for a log that tells no address: the format, and so where."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Body, HttpResponse, Json, JsonBody, StreamBody
from pytest_llmreplay.providers.api import ApiFormat
from pytest_llmreplay.providers.endpoints.lookup import format_owner, provider_named
from pytest_llmreplay.providers.fields import as_text
from pytest_llmreplay.providers.json_values import json_object
from pytest_llmreplay.providers.registry import FORMATS, GATEWAY, unknown_format
from pytest_llmreplay.providers.streams.sse import split

__all__ = ["address_of", "address_shown", "api_shown", "url_for"]

_BY_OBJECT: Final = {
    "chat.completion": "chat_completions",
    "chat.completion.chunk": "chat_completions",
    "embedding": "embeddings",
    "interaction": "interactions",
    "response": "responses",
    "text_completion": "completions",
}
_BY_TYPE: Final = {
    "message": "messages",
    "message_start": "messages",
    "response.created": "responses",
}
_BY_EVENT_TYPE: Final = {"interaction.created": "interactions"}
_BY_KEY: Final = {"candidates": "generate_content", "done": "ollama_chat"}

_UNDER_VERSION = frozenset({"chat_completions", "completions", "responses", "embeddings"})
"""Formats whose base URLs end in a version."""


def address_shown(
    body: Body | None,
    response: HttpResponse,
    *,
    provider: str | None = None,
    api: str | None = None,
    model: str | None = None,
) -> str:
    """Where a call went: to whose format it is, where no provider is told.

    Raises:
        InputUnreadable: No format is told, and the answer shows none.
    """
    api = api or api_shown(response)
    if api is None:
        raise InputUnreadable(
            "nothing tells the format: no url, no api, no answer in a known format"
        )
    asked = body.value if isinstance(body, JsonBody) else None
    return url_for(provider or format_owner(api), api, asked, model)


def url_for(provider: str, api: str, body: Json, model: str | None = None) -> str:
    """Where a provider takes requests of a format, for a log that does not tell it.

    Raises:
        InputUnreadable: The format is unknown.
    """
    if (problem := unknown_format(api, FORMATS)) is not None:
        raise InputUnreadable(problem)
    known = FORMATS[api]
    return address_of(provider or GATEWAY, known, model=model, stream=known.streams("", body))


def api_shown(response: HttpResponse) -> str | None:
    """The format that an answer shows, a stream by its first event; none where it could be any."""
    answer = _opening(response)
    if isinstance(answer, dict) and answer.get("object") == "list":
        listed = answer.get("data")
        answer = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(answer, dict):
        return None
    marks = ((_BY_OBJECT, "object"), (_BY_TYPE, "type"), (_BY_EVENT_TYPE, "event_type"))
    for names, key in marks:
        if (name := as_text(answer.get(key))) in names:
            return names[name]
    return next((api for key, api in _BY_KEY.items() if key in answer), None)


def _opening(response: HttpResponse) -> Json:
    """The answer, or the first event of a stream that holds something."""
    match response.body:
        case JsonBody(value=value):
            return value
        case StreamBody(chunks=chunks):
            events = (one for chunk in chunks for one in split(chunk.data))
            return next(filter(None, (json_object(one.data or one.raw) for one in events)), None)
        case _:
            return None


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
