"""An answer as it may be told in another format than the one it came in."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    Choice,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
)

__all__ = ["without_extra"]

_COMMON = (TextPart, RefusalPart, ToolCallPart)
"""Parts that every format can tell."""


def without_extra(response: Response) -> Response:
    """What all formats can tell of an answer: words, refusals, calls, endings, usage, errors.

    Signed and encrypted thoughts mean nothing to another provider, and an application may send
    them back; tools that the provider ran are no calls of the application.
    """
    return replace(
        response,
        choices=tuple(_choice(choice) for choice in response.choices),
        usage=replace(response.usage, raw=None),
        error=None if response.error is None else replace(response.error, raw=None),
        extra={},
    )


def _choice(choice: Choice) -> Choice:
    parts = tuple(part for part in map(_part, choice.message.parts) if part is not None)
    message = Message(role=choice.message.role, parts=parts)
    return Choice(message=message, finish_reason=choice.finish_reason)


def _part(part: Part) -> Part | None:
    if isinstance(part, ReasoningPart) and part.content:
        return ReasoningPart(content=part.content)
    if isinstance(part, TextPart):
        return TextPart(content=part.content)
    return replace(part, extra={}) if isinstance(part, _COMMON) else None
