"""Writing the parts of a turn."""

from __future__ import annotations

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.google_format import put, stood

from .parts import GOOGLE

__all__ = ["encode_part"]


def encode_part(part: Part, *, decoded: bool) -> list[Json]:
    """One part; nothing where the format has none for it.

    Args:
        part: What was said.
        decoded: Whether it was decoded from this format.
    """
    match part:
        case TextPart():
            return [_text(part)]
        case ReasoningPart():
            return _thought(part)
        case ToolCallPart():
            return [_call(part)]
        case BlobPart() | FilePart() | UriPart():
            return [_media(part)]
        case UnknownPart() | ServerToolCallPart() | ServerToolCallResponsePart() if decoded:
            return [part.raw]
    return []


def _text(part: TextPart | ReasoningPart) -> dict[str, Json]:
    body = dict(part.extra)
    put(body, "text", part.content)
    return body


def _thought(part: ReasoningPart) -> list[Json]:
    """A thought; the signature of another provider says nothing here."""
    own = part.format == GOOGLE
    if not own and not part.content:
        return []
    body = _text(part) | {"thought": True}
    if own and part.signature is not None:
        put(body, "thoughtSignature", part.signature)
    return [body]


def _call(part: ToolCallPart) -> Json:
    body, inner = _opened(part, "functionCall")
    inner["name"] = part.name
    if part.id is not None:
        inner["id"] = part.id
    if inner.get("args", part) is None and part.arguments == {}:
        del inner["args"]
    else:
        inner["args"] = part.arguments
    return body


def _media(part: BlobPart | FilePart | UriPart) -> Json:
    body, inner = _opened(part, "inlineData" if isinstance(part, BlobPart) else "fileData")
    if isinstance(part, BlobPart):
        inner["data"] = part.content
    else:
        put(inner, "fileUri", part.file_id if isinstance(part, FilePart) else part.uri)
    if part.mime_type is not None:
        put(inner, "mimeType", part.mime_type)
    return body


def _opened(part: Part, key: str) -> tuple[dict[str, Json], dict[str, Json]]:
    """A part, and the object in it in which its values stand."""
    body = dict(part.extra)
    place = stood(body, key)
    inner = dict(as_object(body.get(place)))
    body[place] = inner
    return body, inner
