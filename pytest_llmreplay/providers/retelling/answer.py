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
from pytest_llmreplay.providers.answers.citations import citations_of
from pytest_llmreplay.providers.conversion.losses import Losses, item_code
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

__all__ = ["untold", "without_extra", "without_thoughts"]

_COMMON = (TextPart, RefusalPart, ToolCallPart)
"""Parts that every format can tell."""
_OPENAI = frozenset({"chat_completions", "responses"})
"""Formats that can tell what page an answer cites, and calls of tools that take any text."""


def without_extra(response: Response) -> Response:
    """What all formats can tell of an answer: words, refusals, calls, endings, usage, errors.

    Signed and encrypted thoughts mean nothing to another provider, and an application may send
    them back; tools that the provider ran are no calls of the application. Ids of answers look
    otherwise in each format.
    """
    return replace(
        response,
        id=None,
        choices=tuple(_choice(choice) for choice in response.choices),
        usage=replace(response.usage, raw=None),
        error=None if response.error is None else replace(response.error, raw=None),
        extra={},
    )


def without_thoughts(response: Response) -> Response:
    """The answer without what the model thought before it."""
    return replace(
        response, choices=tuple(_without_thoughts(choice) for choice in response.choices)
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
            citations = citations_of(part) if client in _OPENAI else ()
            if len(citations) < len(part.annotations):
                losses.add("text.annotations")
        elif part.extra.get("type") == CUSTOM and client not in _OPENAI:
            losses.add("tool_call.custom")
        elif isinstance(part, BlobPart):
            losses.add(part.modality)
        elif not isinstance(part, ReasoningPart) and _part(part) is None:
            losses.add(item_code(part))
    return losses.codes


def _choice(choice: Choice) -> Choice:
    parts = tuple(part for part in map(_part, choice.message.parts) if part is not None)
    message = Message(role=choice.message.role, parts=parts)
    return Choice(message=message, finish_reason=choice.finish_reason)


def _without_thoughts(choice: Choice) -> Choice:
    parts = (part for part in choice.message.parts if not isinstance(part, ReasoningPart))
    return replace(choice, message=replace(choice.message, parts=tuple(parts)))


def _part(part: Part) -> Part | None:
    if isinstance(part, ReasoningPart) and part.content:
        return ReasoningPart(content=part.content)
    if isinstance(part, TextPart):
        notes = tuple(citation.flat for citation in citations_of(part))
        return TextPart(content=part.content, annotations=notes)
    if isinstance(part, ToolCallPart):
        return _call(part)
    return replace(part, extra={}) if isinstance(part, _COMMON) else None


def _call(part: ToolCallPart) -> ToolCallPart:
    """The call; no text at all stands for no arguments in some formats alone."""
    custom = part.extra.get("type") == CUSTOM
    raw = part.arguments_raw if part.arguments else None
    return replace(part, arguments_raw=raw, extra={"type": CUSTOM} if custom else {})
