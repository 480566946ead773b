"""What an answer says and asks for, without what differs on every call."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    Event,
    FilePart,
    Response,
    TextPart,
    ToolCallPart,
    UriPart,
    Usage,
)

__all__ = [
    "alone",
    "calls_of",
    "counted",
    "has_answer",
    "is_possible",
    "media_of",
    "refused",
    "texts_of",
    "tokens_of",
    "words_of",
]

_MOST_TOKENS = 1_000_000_000
"""Of a call."""


def texts_of(response: Response) -> tuple[str, ...]:
    """The words of each choice."""
    return tuple(words_of(choice) for choice in response.choices)


def words_of(choice: Choice) -> str:
    """All words of a choice."""
    return "".join([part.content for part in choice.message.parts if isinstance(part, TextPart)])


def calls_of(response: Response) -> tuple[ToolCallPart, ...]:
    """Functions that the choices ask for, in their order."""
    return tuple(
        part
        for choice in response.choices
        for part in choice.message.parts
        if isinstance(part, ToolCallPart)
    )


def media_of(response: Response) -> tuple[str, ...]:
    """Pictures, sounds and files of an answer, each as what tells it from another."""
    shown: list[str] = []
    for choice in response.choices:
        for part in choice.message.parts:
            if isinstance(part, BlobPart):
                shown.append(f"{part.modality} {_digest(part.content)}")
            elif isinstance(part, UriPart | FilePart):
                shown.append(part.modality)
    return tuple(shown)


def alone(response: Response) -> tuple[Response, ...]:
    """Each choice of an answer as an answer of its own."""
    return tuple(replace(response, choices=(choice,)) for choice in response.choices)


def has_answer(response: Response) -> bool:
    """Whether any choice says, asks for or shows something."""
    return bool(
        any(text.strip() for text in texts_of(response))
        or calls_of(response)
        or media_of(response)
        or response.refusal
    )


def refused(response: Response) -> str | None:
    """The provider's own sign of a refusal, in words; none where it gave none."""
    if response.refusal is not None:
        return response.refusal or "refusal"
    for choice in response.choices:
        if choice.finish_raw == "refusal" or choice.finish_reason == "content_filter":
            return f"ended with {choice.finish_raw or choice.finish_reason!r}"
    return None


def tokens_of(event: Event, kind: str) -> int | None:
    """Tokens of a call: `input_tokens`, `output_tokens`, or `tokens` for both."""
    usage, measured = event.usage, event.measured
    read = measured.input_tokens if usage.input_tokens is None else usage.input_tokens
    written = measured.output_tokens if usage.output_tokens is None else usage.output_tokens
    read, written = _possible(read, written, event.response)
    if kind == "input_tokens":
        return read
    if kind == "output_tokens":
        return written
    return None if read is None or written is None else read + written


def counted(response: Response) -> Usage:
    """The reported usage, without counts that no call can have.

    Servers that do not count write zero for a question and an answer of many words, which would
    keep every budget. Such a count is unknown.
    """
    usage = response.usage
    read, written = _possible(usage.input_tokens, usage.output_tokens, response)
    if (read, written) == (usage.input_tokens, usage.output_tokens):
        return usage
    return replace(usage, input_tokens=read, output_tokens=written)


def is_possible(count: int | None, least: int = 0) -> bool:
    """Whether a call can have taken so many tokens."""
    return isinstance(count, int) and least <= count <= _MOST_TOKENS


def _possible(
    read: int | None, written: int | None, response: Response
) -> tuple[int | None, int | None]:
    least = 1 if written == 0 and has_answer(response) else 0
    return read if is_possible(read, 1) else None, written if is_possible(written, least) else None


def _digest(content: str) -> str:
    try:
        data = base64.b64decode(content)
    except ValueError:
        data = content.encode("utf-8", "surrogatepass")
    return f"{len(data)} bytes {hashlib.blake2b(data, digest_size=6).hexdigest()}"
