"""Messages as the OpenTelemetry GenAI conventions write them: roles, and parts with a type.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-input-messages.json
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from pytest_llmreplay.event import (
    BlobPart,
    CompactionPart,
    FilePart,
    Json,
    Message,
    Part,
    ReasoningPart,
    Role,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.fields import Fields, as_object, as_text
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.media import Modality, media_part, modality_of

from .decoding import from_text

__all__ = ["has_parts", "read_messages", "read_parts"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_MODALITIES = frozenset(get_args(Modality))
_MEDIA = {
    "blob": "content",
    "uri": "uri",
    "file": "file_id",
    "binary": "content",  # this one and those below: Pydantic AI before its version 4
    "image-url": "url",
    "audio-url": "url",
    "video-url": "url",
    "document-url": "url",
}
"""Parts that are media, and where their content stands."""


def has_parts(message: Json) -> bool:
    """Whether a message is told in parts of the conventions; Gemini's parts have no type."""
    parts = as_object(message).get("parts")
    return isinstance(parts, list) and any(
        isinstance(part, dict) and isinstance(part.get("type"), str) for part in parts
    )


def read_messages(messages: Sequence[Json]) -> tuple[Message, ...]:
    """The messages; one that is no object has nothing to say."""
    return tuple(_message(message) for message in messages if isinstance(message, dict))


def read_parts(parts: Json) -> tuple[Part, ...]:
    """The parts of a message, or of `gen_ai.system_instructions`."""
    listed = parts if isinstance(parts, list) else [parts]
    return tuple(_part(part) for part in listed if part)


def _message(message: dict[str, Json]) -> Message:
    role = _ROLES.get(as_text(message.get("role")) or "", "user")
    parts = message["parts"] if "parts" in message else message.get("content")
    name = as_text(message.get("name"))
    return Message(role=role, parts=_without_repeats(read_parts(parts)), name=name)


def _without_repeats(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts without those that say a call again, as OpenLLMetry does with LangChain's."""
    calls = [part for part in parts if isinstance(part, ToolCallPart)]
    return tuple(part for part in parts if not (calls and _repeats_a_call(part, calls)))


def _repeats_a_call(part: Part, calls: Sequence[ToolCallPart]) -> bool:
    """Whether a part tells a call once more: its block as a text, or the call without its id."""
    if isinstance(part, ToolCallPart):
        same = (other for other in calls if other.name == part.name and other.id and not part.id)
        return any(other.arguments == part.arguments for other in same)
    ids = {call.id for call in calls}
    block = from_text(part.content) if isinstance(part, TextPart) else None
    return isinstance(block, dict) and block.get("type") == "tool_use" and block.get("id") in ids


def _part(value: Json) -> Part:  # noqa: PLR0911  # one line for each kind
    """One part; what no kind of the conventions is, is kept whole."""
    if not isinstance(value, dict):
        return TextPart(content=value if isinstance(value, str) else compact_json(value))
    fields = Fields(value)
    kind = fields.text("type") or ""
    match kind:
        case "text":
            return TextPart(content=_words(fields.rest.pop("content", "")), extra=fields.rest)
        case "reasoning":
            return _reasoning(fields)
        case "tool_call":
            return _call(fields)
        case "tool_call_response":
            return _call_response(fields)
        case _ if kind in _MEDIA:
            return _media(kind, fields) or UnknownPart(type=kind, raw=value)
        case "server_tool_call":
            name, call_id = fields.text("name") or kind, fields.text("id")
            return ServerToolCallPart(name=name, id=call_id, raw=value)
        case "server_tool_call_response":
            return ServerToolCallResponsePart(id=fields.text("id"), raw=value)
        case "compaction":
            return CompactionPart(content=fields.text("content"), extra=fields.rest)
        case _:
            return UnknownPart(type=kind, raw=value)


def _reasoning(fields: Fields) -> Part:
    content, signature = _words(fields.rest.pop("content", "")), fields.text("signature")
    form = "anthropic" if signature else None
    return ReasoningPart(content=content, signature=signature, format=form, extra=fields.rest)


def _call(fields: Fields) -> Part:
    arguments = from_text(fields.rest.pop("arguments", {}))  # Pydantic AI keeps the text
    return ToolCallPart(
        name=fields.text("name") or "",
        id=fields.text("id"),
        arguments={} if arguments is None else arguments,
        extra=fields.rest,
    )


def _call_response(fields: Fields) -> Part:
    """The result; an older version of the conventions calls it `result`."""
    response = fields.rest.pop("response", None)
    response = fields.rest.pop("result", None) if response is None else response
    return ToolCallResponsePart(
        response=() if response is None else (TextPart(content=_words(response)),),
        id=fields.text("id"),
        name=fields.text("name"),
        is_error=fields.flag("is_error"),
        extra=fields.rest,
    )


def _media(kind: str, fields: Fields) -> Part | None:
    mime_type = fields.text("mime_type") or fields.text("media_type")
    word = fields.text("modality") or kind.removesuffix("-url")
    modality = cast("Modality", word) if word in _MODALITIES else modality_of(mime_type)
    content = fields.text(_MEDIA[kind])
    match kind:
        case _ if content is None:
            return None
        case "blob" | "binary":
            return BlobPart(modality=modality, content=content, mime_type=mime_type)
        case "file":
            return FilePart(modality=modality, file_id=content, mime_type=mime_type)
        case _ if content.startswith("data:"):
            return media_part(content, modality, {})
        case _:
            return UriPart(modality=modality, uri=content, mime_type=mime_type)


def _words(value: Json) -> str:
    return value if isinstance(value, str) else compact_json(value)
