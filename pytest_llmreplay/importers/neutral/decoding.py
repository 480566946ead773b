"""From what a log tells to values, and to the neutral request."""

from __future__ import annotations

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.event import Exchange, Failure, HttpRequest, Json, JsonBody, Request
from pytest_llmreplay.importers.reading.bounded_json import json_of
from pytest_llmreplay.providers.registry import FORMATS

from .call import Asked

__all__ = ["CHAT", "MESSAGES", "decoded", "from_text"]

CHAT, MESSAGES = "chat_completions", "messages"


def decoded(asked: Asked) -> Request:
    """The neutral request."""
    if isinstance(asked, Request):
        return asked
    sent = HttpRequest(method="POST", url="", body=JsonBody(value=asked.body))
    return FORMATS[asked.api].request(Exchange(request=sent, response=Failure(kind="cut")))


def from_text(value: Json) -> Json:
    """The JSON in a text, where it is an object or a list; else the value itself."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    try:
        return json_of(value.encode())
    except (InputUnreadable, UnicodeEncodeError):
        return value
