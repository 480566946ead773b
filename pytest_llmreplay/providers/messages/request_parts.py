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
from pytest_llmreplay.providers.attachments import (
    Media,
    around,
    decoded_text,
    lost,
    text_of,
)
from pytest_llmreplay.providers.losses import Losses, item_code
from pytest_llmreplay.providers.words import reasoning_code

__all__ = ["write_assistant", "write_user"]

_CALL_MARKS = ("type", "id", "index", "function", "custom", "input")
_PDF = "application/pdf"
_IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
"""https://platform.claude.com/docs/en/build-with-claude/vision"""


def write_user(parts: Iterable[Part], losses: Losses) -> list[Json]:
    """What the user's side says: all tool results first, as the format demands."""
    parts = list(parts)
    results = [part for part in parts if isinstance(part, ToolCallResponsePart)]
    others = [part for part in parts if not isinstance(part, ToolCallResponsePart)]
    return [
        *(_result(part, losses) for part in results),
        *(block for part in others for block in _user_blocks(part, losses)),
    ]


def write_assistant(parts: Iterable[Part], losses: Losses) -> list[Json]:
    """What the model said and asked for."""
    return [block for part in parts for block in _assistant_blocks(part, losses)]


def _assistant_blocks(part: Part, losses: Losses) -> Iterator[Json]:
    match part:
        case TextPart():
            yield from _text(text_of(part, losses), losses)
        case ToolCallPart():
            yield _call(part, losses)
        case RefusalPart():
            losses.add("refusal")
            losses.keys(part.extra, known=("type", "stop_reason"))
            yield from _text(part.content, losses)
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


def _text(text: str, losses: Losses) -> Iterator[Json]:
    """A block of text; the format refuses one that only holds white space."""
    if text.strip():
        yield {"type": "text", "text": text}
    elif text:
        losses.add("~text.blank")


def _media(part: Media, losses: Losses) -> Iterator[Json]:
    beside = around(part)
    source = _source(part)
    if source is None:
        losses.keys(beside.rest, f"{part.modality}.")
        yield from _text(lost(part, losses), losses)
        return
    if beside.detail not in (None, "auto"):
        losses.add("image.detail")
    titled: dict[str, Json] = {}
    if part.modality == "document":
        titled = {"title": beside.filename} if beside.filename else {}
    losses.keys(beside.rest, f"{part.modality}.", known=titled)
    yield {"type": part.modality, "source": source, **titled}


def _source(part: Media) -> Json:
    """Where the bytes are; `None` for what the format does not take."""
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
    return {"type": "base64", "media_type": kind, "data": part.content}


def _result(part: ToolCallResponsePart, losses: Losses) -> Json:
    losses.keys(part.extra, "tool_result.", known=("role",))
    content = [block for inner in part.response for block in _user_blocks(inner, losses)]
    block: dict[str, Json] = {"type": "tool_result", "tool_use_id": part.id}
    match content:
        case [{"type": "text", "text": str(text)}]:
            block["content"] = text
        case [_, *_]:
            block["content"] = content
    return block | ({"is_error": True} if part.is_error else {})


def _call(part: ToolCallPart, losses: Losses) -> Json:
    if part.extra.get("type") == "custom":
        losses.add("tool_call.custom")
    elif not isinstance(part.arguments, dict):
        losses.add("tool_call.arguments_invalid")
    losses.keys(part.extra, "tool_call.", known=_CALL_MARKS)
    given: dict[str, Json] = {"input": part.arguments}
    if isinstance(part.arguments, dict):
        given = part.arguments
    return {"type": "tool_use", "id": part.id, "name": part.name, "input": given}
