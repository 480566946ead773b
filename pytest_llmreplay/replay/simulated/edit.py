"""Changes to an answer in neutral terms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from pytest_llmreplay.event import (
    Choice,
    FinishReason,
    Message,
    Part,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
    Usage,
)

from .words import word_count

__all__ = ["saying", "with_text"]


def saying(
    response: Response, parts: Iterable[Part], *, ending: FinishReason | None = None
) -> Response:
    """The answer with other parts, its output tokens counted in proportion.

    Args:
        response: The answer; only its first choice changes.
        parts: What the answer says now.
        ending: Its finish reason now; by default it stays.
    """
    first, *others = response.choices or (_nothing(),)
    new_parts = tuple(parts)
    choice = replace(first, message=replace(first.message, parts=new_parts))
    if ending is not None:
        choice = replace(choice, finish_reason=ending, finish_raw=None)
    usage = _counted(response.usage, before=first.message.parts, after=new_parts)
    return replace(response, choices=(choice, *others), usage=usage)


def with_text(response: Response, change: Callable[[str], str]) -> Response:
    """The answer with each of its texts changed."""
    return saying(
        response,
        (
            replace(part, content=change(part.content)) if isinstance(part, TextPart) else part
            for part in response.parts
        ),
    )


def _nothing() -> Choice:
    return Choice(message=Message(role="assistant", parts=()), finish_reason="stop")


def _counted(usage: Usage, *, before: Iterable[Part], after: Iterable[Part]) -> Usage:
    words = _words(before)
    if usage.output_tokens is None or not words:
        return usage
    return replace(usage, output_tokens=round(usage.output_tokens * _words(after) / words))


def _words(parts: Iterable[Part]) -> int:
    return sum(word_count(_text(part)) for part in parts)


def _text(part: Part) -> str:
    if isinstance(part, ToolCallPart):
        return part.name + (part.arguments_raw or json.dumps(part.arguments))
    return part.content if isinstance(part, (TextPart, RefusalPart)) else ""
