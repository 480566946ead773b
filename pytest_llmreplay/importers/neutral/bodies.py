"""Whole bodies among what a log tells of a call; they hold more than any words about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_llmreplay.event import Json

from .decoding import from_text

__all__ = ["came_body", "sent_body", "without_arguments_of_sdk"]

_ASKED: Final = ("input", "messages")
_OF_SDK: Final = frozenset({"extra_body", "extra_headers", "extra_query", "self", "timeout"})
_OF_GOOGLES_SDK: Final = frozenset({"sdkHttpResponse", "sdk_http_response"})


def sent_body(sent: Json) -> dict[str, Json] | None:
    """The body of a request, or the arguments of an SDK that amount to it; none in other words.

    Google's bodies alone name no model: their path does.
    """
    value = from_text(sent)
    if not isinstance(value, dict):
        return None
    named = isinstance(value.get("model"), str) and any(value.get(key) for key in _ASKED)
    return without_arguments_of_sdk(value) if named or value.get("contents") else None


def came_body(sent: Json) -> dict[str, Json] | None:
    """The body of an answer; none in other words."""
    value = from_text(sent)
    if not isinstance(value, dict):
        return None
    match value:
        case {"candidates": [dict(), *_]}:
            return {key: held for key, held in value.items() if key not in _OF_GOOGLES_SDK}
        case {"choices": [{"message": dict()}, *_]} | {"object": "response"}:
            return value
        case {"type": "message", "content": list()}:
            return value
        case _:
            return None


def without_arguments_of_sdk(arguments: Mapping[str, Json]) -> dict[str, Json]:
    """What of the arguments of a call of an SDK is part of the body."""
    return {key: value for key, value in arguments.items() if key not in _OF_SDK}
