"""Events that an attribute of their span lists, as Logfire writes them, and Pydantic AI did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.providers.fields import as_list, as_text

from .message_events import CHOICE
from .otlp import Span, SpanEvent

__all__ = ["with_listed_events"]

_ANSWER: Final = "gen_ai.assistant.message"


def with_listed_events(span: Span) -> Span:
    """The span with its listed events among the others; the last words are the answer."""
    listed = [*_listed(span.attributes.get("events"))]
    if not listed:
        return span
    last = sum(1 for _ in takewhile(lambda event: event.name == _ANSWER, reversed(listed)))
    first = len(listed) - last
    answers = (replace(event, name=CHOICE) for event in listed[first:])
    return replace(span, events=(*span.events, *listed[:first], *answers))


def _listed(value: Json) -> Iterator[SpanEvent]:
    for event in as_list(from_text(value)):
        if isinstance(event, dict) and (name := as_text(event.get("event.name"))):
            yield SpanEvent(name=name, attributes=event, at=None)
