"""Writing the parts of a conversation as content blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UriPart,
)
from pytest_llmreplay.providers.conversion.attachments import (
    Media,
    around,
    decoded_text,
    is_out_of_reach,
    lost,
    note_filename,
    standard_base64,
    text_of,
)
from pytest_llmreplay.providers.conversion.losses import Losses, item_code
from pytest_llmreplay.providers.conversion.reasoning import reasoning_code

from .cache_marks import CACHE_CONTROL, mark, mark_in

__all__ = ["write_assistant", "write_user"]

_RESULT_MARKS = ("type", "id", "status", "role")
_CALL_MARKS = ("type", "id", "index", "status", "function", "custom", "input", CACHE_CONTROL)
_SIGNED = frozenset({"anthropic", "anthropic-claude-v1"})
"""Formats of thoughts that Claude models signed, of Bedrock and of OpenRouter."""
_PDF = "application/pdf"
_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""https://platform.claude.com/docs/en/build-with-claude/vision"""


def write_user(parts: Iterable[Part], losses: Losses) -> list[Json]:
    """What the user's side says: all tool results first, as the format demands."""
    parts = list(parts)
    results = [part for part in parts if isinstance(part, ToolCallResponsePart)]
    others = [part for part in parts if not isinstance(part, ToolCallResponsePart)]
    blocks: list[Json] = [_result(part, losses) for part in results]
    for part in others:
        if control := mark_in(part):
            mark(blocks, control, losses)
        else:
            blocks += _user_blocks(part, losses)
    return blocks


def write_assistant(parts: Iterable[Part], losses: Losses, *, signed: bool = False) -> list[Json]:
    """What the model said and asked for.

    Args:
        parts: Of its turn.
        losses: Is told what they lose.
        signed: Whether the model that is asked wrote them, and may get its thoughts back.
    """
    blocks: list[Json] = []
    for part in parts:
        if control := mark_in(part):
            mark(blocks, control, losses)
        elif signed and isinstance(part, ReasoningPart) and _is_signed(part):
            blocks.append(_thought(part, losses))
        else:
            blocks += _assistant_blocks(part, losses)
    return blocks


def _is_signed(part: ReasoningPart) -> bool:
    return bool(part.signature and part.content) and part.format in _SIGNED


def _thought(part: ReasoningPart, losses: Losses) -> Json:
    losses.keys(part.extra, "reasoning.", known=("type", "index"))
    return {"type": "thinking", "thinking": part.content, "signature": part.signature}


def _assistant_blocks(part: Part, losses: Losses) -> Iterator[Json]:
    match part:
        case TextPart():
            text = text_of(part, losses, known=(CACHE_CONTROL,))
            yield from _text(text, losses, _control(part))
        case ToolCallPart():
            yield _call(part, losses)
        case RefusalPart():
            losses.add("refusal")
            losses.keys(part.extra, known=("type", "stop_reason"))
            yield from _text(part.content, losses, {})
        case ReasoningPart():
            losses.add(*reasoning_code(part))
        case BlobPart() | UriPart() | FilePart():
            losses.add(f"{part.modality}.in_assistant")
        case _:
            losses.add(item_code(part))


def _user_blocks(part: Part, losses: Losses) -> Iterator[Json]:
    match part:
        case BlobPart() | UriPart() | FilePart():
            yield from _media(part, losses)
        case ToolCallPart():
            losses.add("tool_call.in_user")
        case _:
            yield from _assistant_blocks(part, losses)


def _control(part: Part) -> dict[str, Json]:
    """The mark that stands on a part already: OpenRouter and Snowflake take it in chat, too."""
    control = part.extra.get(CACHE_CONTROL)
    return {CACHE_CONTROL: control} if isinstance(control, dict) and control else {}


def _text(text: str, losses: Losses, control: dict[str, Json]) -> Iterator[Json]:
    """A block of text; the format refuses one that only holds white space."""
    if text.strip():
        yield {"type": "text", "text": text, **control}
        return
    losses.add(*(["~text.blank"] if text else []), *(control and [CACHE_CONTROL]))


def _media(part: Media, losses: Losses) -> Iterator[Json]:
    beside = around(part)
    source = _source(part)
    if source is None:
        losses.keys(beside.rest, f"{part.modality}.")
        note_filename(part.modality, beside, losses)
        yield from _text(lost(part, losses), losses, {})
        return
    if beside.detail not in (None, "auto"):
        losses.add("image.detail")
    titled: dict[str, Json] = {}
    if part.modality != "document":
        note_filename(part.modality, beside, losses)
    else:
        titled = {"title": beside.filename} if beside.filename else {}
    losses.keys(beside.rest, f"{part.modality}.", known=(*titled, CACHE_CONTROL))
    yield {"type": part.modality, "source": source, **titled, **_control(part)}


def _source(part: Media) -> Json:
    """Where the bytes are; `None` for what the format does not take."""
    if is_out_of_reach(part):
        return None
    match part:
        case UriPart(modality="image" | "document"):
            return {"type": "url", "url": part.uri}
        case BlobPart(modality="image") if (part.mime_type or "image/png").lower() in _IMAGES:
            return _inline(part, "image/png")
        case BlobPart(modality="document") if (part.mime_type or _PDF).lower() == _PDF:
            return _inline(part, _PDF)
        case BlobPart(modality="document") if (text := decoded_text(part)) is not None:
            return {"type": "text", "media_type": "text/plain", "data": text}
        case _:
            return None


def _inline(part: BlobPart, usual: str) -> Json:
    kind = (part.mime_type or usual).lower()
    return {"type": "base64", "media_type": kind, "data": standard_base64(part.content)}


def _result(part: ToolCallResponsePart, losses: Losses) -> Json:
    losses.keys(part.extra, "tool_result.", known=(*_RESULT_MARKS, CACHE_CONTROL))
    content = [block for inner in part.response for block in _user_blocks(inner, losses)]
    block: dict[str, Json] = {"type": "tool_result", "tool_use_id": part.id}
    match content:
        case [{"type": "text", "text": str(text), **marks}] if not marks:
            block["content"] = text
        case [_, *_]:
            block["content"] = content
    return block | ({"is_error": True} if part.is_error else {}) | _control(part)


def _call(part: ToolCallPart, losses: Losses) -> Json:
    if not isinstance(part.arguments, dict):
        losses.add("tool_call.arguments_invalid")
    losses.keys(part.extra, "tool_call.", known=_CALL_MARKS)
    given: dict[str, Json] = {"input": part.arguments}
    if isinstance(part.arguments, dict):
        given = part.arguments
    block: dict[str, Json] = {"type": "tool_use", "id": part.id, "name": part.name, "input": given}
    return block | _control(part)
