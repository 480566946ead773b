"""Reading the content blocks of converse, whose one key is their type."""

from __future__ import annotations

from dataclasses import replace

from pytest_llmreplay.event import (
    BlobPart,
    Json,
    Part,
    ReasoningPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    ToolCallResponsePart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.fields import Fields, as_list, as_text
from pytest_llmreplay.providers.json_values import compact_json
from pytest_llmreplay.providers.media import Modality

__all__ = ["ANTHROPIC", "CITED", "read_answer_block", "read_block", "type_of"]

ANTHROPIC = "anthropic"
"""Format of signed reasoning: only Anthropic's models may get it back."""

CITED = "citationsContent"
"""A block of words and the places they are taken from."""

_MEDIA: dict[str, Modality] = {
    "image": "image",
    "document": "document",
    "video": "video",
    "audio": "audio",
}
_DOCUMENTS = {
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STATUSES = ("success", "error")
_OF_ANSWERS = ("text", "toolUse", "reasoningContent", CITED)
_OF_REQUESTS = (*_OF_ANSWERS, "toolResult", *_MEDIA)


def type_of(value: Json) -> str:
    """The key that says what a block is; the first one, where it is not known."""
    keys = list(value) if isinstance(value, dict) else []
    return next((key for key in keys if key in _OF_REQUESTS), keys[0] if keys else "content")


def read_answer_block(value: Json) -> Part:
    """A block that a model wrote; a tool result among them is that of a tool of the provider."""
    kind = type_of(value)
    part = _read_written(Fields(value), kind, value) if kind in _OF_ANSWERS else None
    if kind == "toolResult" and isinstance(value, dict):
        inner = Fields(value[kind])
        return ServerToolCallResponsePart(raw=value, id=inner.text("toolUseId"))
    return part or UnknownPart(type=kind, raw=value)


def read_block(value: Json) -> Part:
    """A block of a request."""
    kind = type_of(value)
    fields = Fields(value)
    if kind == "toolResult" and isinstance(fields.rest[kind], dict):
        return _read_tool_result(fields, kind)
    if kind in _MEDIA:
        return _read_media(fields, kind) or UnknownPart(type=kind, raw=value)
    return read_answer_block(value)


def _read_written(fields: Fields, kind: str, value: Json) -> Part | None:
    if kind == "text":
        text = fields.any_text(kind)
        return None if text is None else TextPart(content=text, extra=fields.rest)
    inner = Fields(fields.rest.pop(kind))
    if kind == CITED:
        part: Part | None = _read_cited(inner)
    else:
        part = _read_tool_use(inner, value) if kind == "toolUse" else _read_reasoning(inner)
    if part is None or isinstance(part, ServerToolCallPart):
        return part
    fields.leave(kind, inner.rest)
    return replace(part, extra=fields.rest)


def _read_cited(inner: Fields) -> TextPart | None:
    """Words and their citations; the list that holds the words stays as it is."""
    texts = [Fields(item).rest.get("text") for item in as_list(inner.rest.get("content"))]
    words = "".join(text for text in texts if isinstance(text, str))
    if not words:
        return None
    return TextPart(content=words, annotations=tuple(inner.items("citations")))


def _read_tool_use(inner: Fields, value: Json) -> ToolCallPart | ServerToolCallPart | None:
    """A call; its `type` does not name the block, but may say that a tool is the provider's.

    Calls of the application come without a type or with `tool_use`.
    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html
    """
    name = inner.text("name")
    if name is None:
        return None
    call_id = inner.text("toolUseId")
    if inner.rest.get("type") == "server_tool_use":
        return ServerToolCallPart(name=name, raw=value, id=call_id)
    if call_id is None:
        inner.rest.setdefault("toolUseId", None)
    asked = inner.rest.pop("input", None)
    if asked is None:
        inner.rest["input"] = None
    return ToolCallPart(
        name=name,
        arguments={} if asked is None else asked,
        id=call_id,
        arguments_raw=asked if isinstance(asked, str) else None,
    )


def _read_reasoning(inner: Fields) -> ReasoningPart | None:
    encrypted = inner.text("redactedContent")
    if encrypted is not None:
        return ReasoningPart(content="", encrypted=encrypted, format=ANTHROPIC)
    text = Fields(inner.rest.get("reasoningText"))
    thought = text.any_text("text")
    if thought is None:
        return None
    del inner.rest["reasoningText"]
    signature = text.text("signature")
    inner.leave("reasoningText", text.rest)
    known = ANTHROPIC if signature else None
    return ReasoningPart(content=thought, signature=signature, format=known)


def _read_tool_result(fields: Fields, kind: str) -> Part:
    inner = Fields(fields.rest.pop(kind))
    content = inner.items("content")
    call_id = inner.text("toolUseId")
    failed = inner.rest.get("status") == "error"
    known = inner.rest.pop("status", None) if inner.rest.get("status") in _STATUSES else None
    fields.leave(kind, inner.rest)
    return ToolCallResponsePart(
        response=tuple(_read_told(block) for block in content),
        id=call_id,
        is_error=failed if known else None,
        extra=fields.rest,
    )


def _read_told(block: Json) -> Part:
    """What a function answered; data are told as JSON text."""
    if isinstance(block, dict) and block.keys() == {"json"}:
        return TextPart(content=compact_json(block["json"]))
    return read_block(block)


def _read_media(fields: Fields, kind: str) -> Part | None:
    """An image, document, video or sound: inline, in S3, or as text."""
    inner = Fields(fields.rest.pop(kind))
    source = Fields(inner.rest.pop("source", None))
    content, text = source.text("bytes"), source.text("text")
    place = Fields(source.rest.get("s3Location"))
    uri = place.text("uri")
    if uri is not None:
        del source.rest["s3Location"]
        source.leave("s3Location", place.rest)
    mime_type = _mime_type(kind, as_text(inner.rest.get("format")))
    inner.leave("source", source.rest)
    fields.leave(kind, inner.rest)
    modality, extra = _MEDIA[kind], fields.rest
    if content is not None:
        return BlobPart(modality=modality, content=content, mime_type=mime_type, extra=extra)
    if uri is not None:
        return UriPart(modality=modality, uri=uri, mime_type=mime_type, extra=extra)
    return None if text is None else TextPart(content=text, extra=extra)


def _mime_type(kind: str, named: str | None) -> str | None:
    if named is None:
        return None
    return _DOCUMENTS.get(named) if kind == "document" else f"{kind}/{named}"
