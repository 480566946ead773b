"""A stream that was asked for without `alt=sse`: one JSON array, an element for each event."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from pytest_llmreplay.event import (
    Chunk,
    Exchange,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
    TextBody,
)
from pytest_llmreplay.providers.streams.writing import event_bytes

__all__ = ["as_events", "elements"]

_BETWEEN = re.compile(r"[\s,\[]*")
_DECODER = json.JSONDecoder()


def as_events(exchange: Exchange) -> Exchange:
    """The exchange with the events of which its answer is an array, if it is one.

    An array that was cut, which is no JSON, still gives its whole elements.
    """
    answer = exchange.response
    if not isinstance(answer, HttpResponse):
        return exchange
    values: list[Json]
    match answer.body:
        case JsonBody(value=list() as values):
            pass
        case TextBody(text=text) if text.lstrip()[:1] == "[":
            values = elements(text)
        case _:
            return exchange
    if not values or not all(isinstance(value, dict) for value in values):
        return exchange
    chunks = tuple(Chunk(at=0.0, data=event_bytes(value)) for value in values)
    return replace(exchange, response=replace(answer, body=StreamBody(chunks=chunks)))


def elements(text: str) -> list[Json]:
    """The whole elements of an array, whose end may be missing."""
    found: list[Json] = []
    if text.lstrip()[:1] != "[":
        return found
    at = _end_of_gap(text, 0)
    while at < len(text):
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
        at = _end_of_gap(text, at)
    return found


def _end_of_gap(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at
