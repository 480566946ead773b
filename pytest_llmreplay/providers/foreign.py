"""An answer as it may be told in another format than the one it came in."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    TextPart,
    ToolCallPart,
)

from .citations import neutral_citations
from .losses import Losses, item_code

__all__ = ["untold", "without_extra"]

_COMMON = (TextPart, RefusalPart, ToolCallPart)
"""Parts that every format can tell."""
_CITING = frozenset({"chat_completions", "responses"})
"""Formats that can tell what page an answer cites."""


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


def untold(response: Response, client: str) -> tuple[str, ...]:
    """Codes of what an answer says and a client of another format is not told.

    Args:
        response: The answer, with all that its own format says.
        client: Name of the format that the client reads.
    """
    losses = Losses()
    for part in response.parts:
        if isinstance(part, TextPart):
            told = neutral_citations(part) if client in _CITING else ()
            if len(told) < len(part.annotations):
                losses.add("text.annotations")
        elif isinstance(part, BlobPart):
            losses.add(part.modality)
        elif not isinstance(part, ReasoningPart) and _part(part) is None:
            losses.add(item_code(part))
    return losses.codes


def _choice(choice: Choice) -> Choice:
    parts = tuple(part for part in map(_part, choice.message.parts) if part is not None)
    message = Message(role=choice.message.role, parts=parts)
    return Choice(message=message, finish_reason=choice.finish_reason)


def _part(part: Part) -> Part | None:
    if isinstance(part, ReasoningPart) and part.content:
        return ReasoningPart(content=part.content)
    if isinstance(part, TextPart):
        return TextPart(content=part.content, annotations=neutral_citations(part))
    return replace(part, extra={}) if isinstance(part, _COMMON) else None
