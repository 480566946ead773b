"""A recorded call, whole: what was asked, message by message, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.figures.call_figures import Figures
from pytest_llmreplay.compare.figures.numbers import DASH, money, seconds, tokens
from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    Event,
    FilePart,
    Json,
    JsonBody,
    Part,
    ReasoningPart,
    RefusalPart,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.report.text.layout import fit_tail, wrapped
from pytest_llmreplay.report.text.sanitise import GUTTER, finished, guttered, safe, safe_line

from .place import labelled
from .stored import said_in

__all__ = ["EventView", "event_lines"]

_CONVERSATION = frozenset(
    (
        *("messages", "input", "contents", "prompt", "system", "instructions", "model", "tools"),
        *("systemInstruction", "system_instruction", "toolConfig"),
    )
)
"""Keys of a body that are told in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event, and what it took."""

    node_id: str
    event: Event
    figures: Figures
    accepted: Sequence[str] = ()
    """Targets whose answer to it is accepted."""


def event_lines(view: EventView, width: int) -> list[str]:
    """An event: where it stands, what was asked, what was answered, what it took."""
    room, event = width - len(GUTTER), view.event
    blocks = [
        list(_head(view, room)),
        *(list(_turn(role, parts, room)) for role, parts in _turns(event)),
        list(_answer(event, room)),
        list(_figures(view.figures, room)),
    ]
    lines = [fit_tail(safe_line(view.node_id), width)]
    for block in filter(None, blocks):
        lines += [*[GUTTER.rstrip()] * (len(lines) > 1), *guttered(block)]
    return finished(lines)


def _head(view: EventView, width: int) -> Iterator[str]:
    event = view.event
    yield from labelled("asked", " ".join(filter(None, (event.provider, event.api))), width)
    model = event.response.model or event.measured.model
    named = event.model or DASH
    yield from labelled("model", named if model in {None, named} else f"{named} ({model})", width)
    if (session := event.session) is not None:
        session_words = " ".join(filter(None, (session.name, session.path, session.id)))
        yield from labelled("session", session_words, width)
    for key, value in event.labels.items():
        yield from labelled("label", f"{key}={value}", width)
    for key, parameter in _parameters(event):
        yield from labelled("with", f"{key}={json.dumps(parameter, ensure_ascii=False)}", width)
    if event.request.tools:
        yield from labelled("tools", ", ".join(tool.name for tool in event.request.tools), width)
    if event.checks is not None:
        yield from labelled("checks", ", ".join(event.checks), width)
    if view.accepted:
        yield from labelled("accepted", ", ".join(view.accepted), width)


def _parameters(event: Event) -> Iterator[tuple[str, Json]]:
    body = event.exchange.request.body
    if isinstance(body, JsonBody) and isinstance(body.value, dict):
        yield from ((key, one) for key, one in body.value.items() if key not in _CONVERSATION)


def _turns(event: Event) -> Iterator[tuple[str, Sequence[Part]]]:
    if event.request.system_instructions:
        yield "system", event.request.system_instructions
    for message in event.request.messages:
        yield message.role, message.parts


def _turn(role: str, parts: Sequence[Part], width: int) -> Iterator[str]:
    yield f"[{safe_line(role)}]"
    for text in _part_lines(parts):
        yield from _wrapped(text, width)


def _answer(event: Event, width: int) -> Iterator[str]:
    day = (event.measured.at or "")[:10]
    yield from labelled("answered", day, width)
    error = event.response.error
    lines = [f"error: {error.message}"] if error is not None else said_in(event.response)
    for text in lines or ["(nothing)"]:
        yield from _wrapped(text, width)
    endings = [one.finish_raw or one.finish_reason for one in event.response.choices]
    if ended := ", ".join(filter(None, endings)):
        yield from labelled("ended with", ended, width)


def _wrapped(text: str, width: int) -> Iterator[str]:
    for line in safe(text.rstrip("\n")).split("\n"):
        yield from wrapped(line, width)


def _part_lines(parts: Iterable[Part]) -> Iterator[str]:
    """The words of each part."""
    for part in parts:
        match part:
            case TextPart() | RefusalPart():
                yield part.content
            case ReasoningPart():
                yield f"(thinks) {part.content}"
            case ToolCallPart():
                yield f"(calls) {part.name}({json.dumps(part.arguments, ensure_ascii=False)})"
            case ToolCallResponsePart():
                yield from (f"(tool) {text}" for text in _part_lines(part.response))
            case ServerToolCallPart():
                yield f"(uses) {part.name}"
            case BlobPart() | UriPart() | FilePart():
                yield f"({part.modality})"
            case CompactionPart():
                yield f"(sums up) {part.content or ''}"
            case UnknownPart():
                yield f"({part.type})"
            case _:
                yield "(the answer of a hosted tool)"


def _figures(figures: Figures, width: int) -> Iterator[str]:
    for label, value, show in (
        ("input", figures.input_tokens, tokens),
        ("output", figures.output_tokens, tokens),
        ("cost", figures.cost, money),
        ("latency", figures.duration, seconds),
        ("ttft", figures.time_to_first_chunk, seconds),
    ):
        if value is not None:
            yield from labelled(label, show(value), width)
