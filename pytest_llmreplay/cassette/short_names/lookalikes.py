"""Words of an event that look like short names, as where an application reads a cassette.

A name that were one of them would be put in the place of the word when the event is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_llmreplay.event import Body, Event, HttpResponse, Json, JsonBody, StreamBody

__all__ = ["lookalikes"]

_WORD = re.compile(r"[\w-]+#[\d.]+", re.ASCII)
_IN_JSON = re.compile(rb'"([\w-]+#[\d.]+)"')


def lookalikes(event: Event) -> Iterator[str]:
    """The texts with characters that look like others, in a request and in its answer."""
    yield from _in_body(event.exchange.request.body)
    if isinstance(event.exchange.response, HttpResponse):
        yield from _in_body(event.exchange.response.body)


def _in_body(body: Body | StreamBody | None) -> Iterator[str]:
    if isinstance(body, JsonBody):
        yield from _in_value(body.value)
    elif isinstance(body, StreamBody):
        for chunk in body.chunks:
            yield from (found.decode() for found in _IN_JSON.findall(chunk.data))


def _in_value(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        if "#" in value and _WORD.fullmatch(value):
            yield value
    elif isinstance(value, list):
        for element in value:
            yield from _in_value(element)
    elif isinstance(value, dict):
        for member in value.values():
            yield from _in_value(member)
