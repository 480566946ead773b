"""Reading a messages request."""

from __future__ import annotations

from typing import Literal, get_args

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Message,
    OutputFormat,
    Part,
    Reasoning,
    Request,
    Role,
    TextPart,
    Tool,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.fields import Fields, as_text
from pytest_llmreplay.providers.media import Modality

from .answer import read_block

__all__ = ["read_output", "read_request"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_MODES: dict[str, Literal["disabled", "enabled", "adaptive"]] = {
    "disabled": "disabled",
    "enabled": "enabled",
    "adaptive": "adaptive",
}
_MEDIA: dict[str, Modality] = {"image": "image", "document": "document"}


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    choice, parallel = _read_choice(fields)
    return Request(
        model=model,
        stream=stream,
        system_instructions=_read_content(fields, "system"),
        messages=tuple(_read_message(message) for message in fields.items("messages")),
        tools=tuple(_read_tool(tool) for tool in fields.items("tools")),
        tool_choice=choice,
        parallel_tool_calls=parallel,
        max_tokens=fields.integer("max_tokens"),
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.integer("top_k"),
        stop_sequences=fields.texts("stop_sequences"),
        reasoning=_read_reasoning(fields),
        output=read_output(fields),
        user=_read_user(fields),
        service_tier=fields.text("service_tier"),
        extra=fields.rest,
    )


def _read_content(fields: Fields, key: str) -> tuple[Part, ...]:
    """Blocks, or the text that stands for one."""
    if (text := fields.text(key)) is not None:
        return (TextPart(content=text),)
    return tuple(_read_block(block) for block in fields.items(key))


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    if not isinstance(value, dict):
        fields.leave("message", value)
    word = as_text(fields.rest.get("role")) or ""
    role = _ROLES.get(word, "user")
    fields.word("role", role)
    return Message(role=role, parts=_read_content(fields, "content"), extra=fields.rest)


def _read_block(value: Json) -> Part:
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    if kind == "tool_result":
        return _read_tool_result(fields)
    if kind in _MEDIA:
        part = _read_media(fields, _MEDIA[kind])
        return part or UnknownPart(type=kind, raw=value)
    if kind == "search_result":
        return _read_search_result(fields) or UnknownPart(type=kind, raw=value)
    return read_block(value)


def _read_search_result(fields: Fields) -> Part | None:
    """What the application has found: as words, behind its title and where it comes from."""
    found = [read_block(block) for block in fields.items("content")]
    words = [part.content for part in found if isinstance(part, TextPart) and not part.extra]
    if not words or len(words) < len(found):
        return None
    head = [fields.text("title"), fields.text("source")]
    text = "\n".join(line for line in (*head, *words) if line)
    return TextPart(content=text, extra={**fields.rest, "type": "document"})


def _read_tool_result(fields: Fields) -> Part:
    del fields.rest["type"]
    return ToolCallResponsePart(
        response=_read_content(fields, "content"),
        id=fields.text("tool_use_id"),
        is_error=fields.flag("is_error"),
        extra=fields.rest,
    )


def _read_media(fields: Fields, modality: Modality) -> Part | None:
    """An image or document: inline, by URL, by file id, or as text."""
    source = Fields(fields.rest.get("source"))
    kind = source.rest.pop("type", None)
    key = {"base64": "data", "text": "data", "url": "url", "file": "file_id"}.get(str(kind), "")
    content = source.text(key)
    if content is None:
        return None
    mime_type = source.text("media_type")
    del fields.rest["type"], fields.rest["source"]
    fields.leave("source", source.rest)
    extra = fields.rest
    match kind:
        case "base64":
            return BlobPart(modality=modality, content=content, mime_type=mime_type, extra=extra)
        case "url":
            return UriPart(modality=modality, uri=content, mime_type=mime_type, extra=extra)
        case "file":
            return FilePart(modality=modality, file_id=content, mime_type=mime_type, extra=extra)
        case _:
            return TextPart(content=content, extra={**extra, "type": "document"})


def _read_tool(value: Json) -> Tool:
    """A function has no type or `custom`; dated types are tools of the provider."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type"))
    name = fields.text("name")
    if kind not in {None, "custom"} or name is None:
        rest = fields.rest if isinstance(value, dict) else {"raw": value}
        return Tool(kind=kind or "unknown", name=name or kind or "unknown", extra=rest)
    return Tool(
        kind="function",
        name=name,
        description=fields.text("description"),
        parameters=fields.rest.pop("input_schema", None),
        strict=fields.flag("strict"),
        extra=fields.rest,
    )


def _read_choice(fields: Fields) -> tuple[ToolChoice | None, bool | None]:
    value = fields.rest.get("tool_choice")
    inner = Fields(value)
    single = inner.flag("disable_parallel_tool_use")
    parallel = None if single is None else not single
    choice = _choice_of(inner, value)
    if choice is not None:
        del fields.rest["tool_choice"]
    return choice, parallel


def _choice_of(inner: Fields, value: Json) -> ToolChoice | None:
    match inner.rest.get("type"):
        case "auto":
            return ToolChoice(mode="auto")
        case "none":
            return ToolChoice(mode="none")
        case "any":
            return ToolChoice(mode="required")
        case "tool":
            name = as_text(inner.rest.get("name"))
            return ToolChoice(mode="tool", names=(name,) if name else (), raw=value)
        case _:
            return ToolChoice(mode="tool", raw=value) if inner.rest else None


def _read_reasoning(fields: Fields) -> Reasoning | None:
    """Manner and budget of thinking, and the effort, which has a place of its own."""
    inner = Fields(fields.rest.get("thinking"))
    mode = _MODES.get(as_text(inner.rest.pop("type", None)) or "")
    outer = Fields(fields.rest.get("output_config"))
    effort = outer.text("effort")
    if mode is None and effort is None:
        return None
    if mode is not None:
        del fields.rest["thinking"]
    _put(fields, "output_config", outer.rest)
    return Reasoning(
        effort=effort,
        mode=mode,
        budget_tokens=inner.integer("budget_tokens") if mode else None,
        summary=inner.text("display") if mode else None,
        extra=inner.rest if mode else {},
    )


def read_output(fields: Fields) -> OutputFormat | None:
    """Structured output; a budget of tokens stays in `extra`."""
    outer = Fields(fields.rest.get("output_config"))
    # Its place before, with which LiteLLM asks:
    # https://platform.claude.com/docs/en/build-with-claude/structured-outputs
    place, key = (outer, "format") if "format" in outer.rest else (fields, "output_format")
    inner = Fields(place.rest.get(key))
    schema = inner.object("schema")
    if not schema or not inner.word("type", "json_schema"):
        return None
    del place.rest[key]
    _put(fields, "output_config", outer.rest)
    return OutputFormat(type="json_schema", schema=schema, extra=inner.rest)


def _read_user(fields: Fields) -> str | None:
    inner = Fields(fields.rest.get("metadata"))
    user = inner.text("user_id")
    if user is not None:
        _put(fields, "metadata", inner.rest)
    return user


def _put(fields: Fields, key: str, rest: dict[str, Json]) -> None:
    """Put what is left of an object in its place; nothing, where nothing is."""
    fields.rest.pop(key, None)
    fields.leave(key, rest)
