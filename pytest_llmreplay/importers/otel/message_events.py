"""Messages that the events of a span tell, one for each; an attribute may list some of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.providers.fields import as_list, as_objects, as_text

from .messages import message_of
from .otlp import Span, SpanEvent

__all__ = ["DETAILS", "SAYING", "choices_in", "messages_in", "on_event", "with_listed_events"]

DETAILS = "gen_ai.client.inference.operation.details"
_ROLES = ("system", "user", "assistant", "tool")
CHOICE = "gen_ai.choice"
SAYING = frozenset({DETAILS, CHOICE, *(f"gen_ai.{role}.message" for role in _ROLES)})
"""Names of the events that tell what was said; they may be records of a log."""

_ANSWER: Final = "gen_ai.assistant.message"


def on_event(events: Sequence[SpanEvent], name: str, attribute: str) -> Json:
    """What the first event of a name has in one of its attributes."""
    found = (event.attributes.get(attribute) for event in events if event.name == name)
    return from_text(next(found, None))


def messages_in(events: Sequence[SpanEvent]) -> Iterator[Json]:
    """The messages that events tell one by one; results of tools have the ids of their calls."""
    return _with_call_ids(_told_by(events))


def _told_by(events: Sequence[SpanEvent]) -> Iterator[dict[str, Json]]:
    for event in events:
        role = event.name.removeprefix("gen_ai.").removesuffix(".message")
        if event.name == f"gen_ai.{role}.message" and role in _ROLES:
            yield _message(event.attributes, role)


def _with_call_ids(messages: Iterable[dict[str, Json]]) -> Iterator[Json]:
    """Results of tools with the ids of the calls that they answer, which some events leave out."""
    waiting: list[Json] = []
    for message in messages:
        calls = message.get("tool_calls")
        waiting += [call["id"] for call in as_objects(calls)]
        if message["role"] == "tool" and waiting:
            message["tool_call_id"] = message.get("tool_call_id") or waiting[0]
            waiting = [call_id for call_id in waiting if call_id != message["tool_call_id"]]
        yield message


def choices_in(events: Sequence[SpanEvent]) -> Iterator[Json]:
    """The alternatives of an answer that events tell one by one."""
    for event in events:
        if event.name == CHOICE:
            held = from_text(event.attributes.get("message"))
            content = {"content": held} if isinstance(held, str | list) else {}  # Strands Agents
            inner = held if isinstance(held, dict) else content
            yield _message({**event.attributes, **inner}, "assistant")


def _message(attributes: Mapping[str, Json], role: str) -> dict[str, Json]:
    entry = {"role": role, **{name: from_text(value) for name, value in attributes.items()}}
    entry["content"] = attributes.get("content")
    if role == "tool":
        entry["tool_call_id"] = attributes.get("id")
    return message_of(entry)


def with_listed_events(span: Span) -> Span:
    """The span with its listed events among the others; the last words are the answer.

    Logfire lists them so, and Pydantic AI did.
    """
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
