"""Reading a chat completions request."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

from pytest_llmreplay.event import (
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
)
from pytest_llmreplay.providers.fields import Fields, as_object, as_text
from pytest_llmreplay.providers.media import media_part, read_audio
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

from .message import read_content, read_message_parts

__all__ = ["read_format", "read_request", "read_tool"]

_OUTPUTS: dict[str | None, Literal["text", "json_object", "json_schema"]] = {
    "text": "text",
    "json_object": "json_object",
    "json_schema": "json_schema",
}
"""Types of structured output in OpenAI's two formats."""

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_OLD_ROLES: dict[str, Role] = {"function": "tool", "model": "assistant"}
_MODES: dict[str, ToolChoice] = {
    "auto": ToolChoice(mode="auto"),
    "none": ToolChoice(mode="none"),
    "required": ToolChoice(mode="required"),
    "any": ToolChoice(mode="required", raw="any"),  # Mistral
}


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`."""
    fields = Fields(body)
    fields.word("model", model or "")
    fields.flag("stream")
    return Request(
        model=model,
        stream=stream,
        messages=tuple(_read_message(message) for message in fields.items("messages")),
        tools=tuple(read_tool(tool) for tool in fields.items("tools")),
        tool_choice=_read_choice(fields),
        parallel_tool_calls=fields.flag("parallel_tool_calls"),
        max_tokens=_max_tokens(fields),
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.integer("top_k"),
        seed=fields.integer("seed"),
        stop_sequences=fields.words("stop"),
        frequency_penalty=fields.number("frequency_penalty"),
        presence_penalty=fields.number("presence_penalty"),
        choice_count=fields.integer("n"),
        reasoning=_read_reasoning(fields),
        output=_read_output(fields),
        verbosity=fields.text("verbosity"),
        user=fields.text("user") or fields.text("safety_identifier"),
        service_tier=fields.text("service_tier"),
        extra=fields.rest,
    )


def _max_tokens(fields: Fields) -> int | None:
    newer = fields.integer("max_completion_tokens")
    return newer if newer is not None else fields.integer("max_tokens")


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    role = _read_role(fields)
    if not isinstance(value, dict):
        fields.leave("message", value)
    if role == "tool":
        return _read_tool_message(fields)
    parts = read_message_parts(fields, _read_part)
    return Message(role=role, parts=tuple(parts), name=fields.text("name"), extra=fields.rest)


def _read_role(fields: Fields) -> Role:
    word = as_text(fields.rest.get("role")) or ""
    if word in _ROLES:
        del fields.rest["role"]
        return _ROLES[word]
    return _OLD_ROLES.get(word, "user")


def _read_tool_message(fields: Fields) -> Message:
    content = fields.rest.pop("content", None)
    items = content if isinstance(content, list) else [content]
    result = tuple(
        TextPart(content=item) if isinstance(item, str) else _read_part(item)
        for item in items
        if item is not None
    )
    name = fields.text("name")
    answer = ToolCallResponsePart(
        response=result, id=fields.text("tool_call_id"), name=name, extra=fields.rest
    )
    return Message(role="tool", parts=(answer,), name=name)


def _read_part(value: Json) -> Part:
    """One item of a list of content, in a request."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or ""
    match kind:
        case "image_url" | "video_url" | "document_url":
            part = _read_url(fields, kind)
        case "input_audio":
            part = read_audio(fields)
        case "file":
            part = _read_file(fields)
        case _:
            part = None
    return part or read_content(value)


def _read_url(fields: Fields, kind: str) -> Part | None:
    inner = Fields(fields.rest.get(kind))
    url = as_text(fields.rest.get(kind)) or inner.text("url")
    if url is None:
        return None
    del fields.rest["type"], fields.rest[kind]
    fields.leave(kind, inner.rest)
    match kind:
        case "image_url":
            return media_part(url, "image", fields.rest)
        case "video_url":
            return media_part(url, "video", fields.rest)
        case _:
            return media_part(url, "document", fields.rest)


def _read_file(fields: Fields) -> Part | None:
    inner = Fields(fields.rest.get("file"))
    data = inner.text("file_data")
    file_id = inner.text("file_id") if data is None else None
    if data is None and file_id is None:
        return None
    del fields.rest["type"], fields.rest["file"]
    fields.leave("file", inner.rest)
    if file_id is not None:
        return FilePart(modality="document", file_id=file_id, extra=fields.rest)
    return media_part(data or "", None, fields.rest)


def read_tool(value: Json) -> Tool:
    """A function, or a tool that the provider hosts."""
    fields = Fields(value)
    inner = Fields(fields.rest.get("function"))
    name = inner.text("name")
    kind = as_text(fields.rest.get("type"))
    named = Fields(fields.rest.get(CUSTOM))
    if kind == CUSTOM and (custom := named.text("name")) is not None:
        return Tool(kind=kind, name=custom, extra=fields.rest)
    # Moonshot's `builtin_function` has the shape of one.
    if name is None or (kind or "function") != "function":
        kind = kind or "unknown"
        rest = fields.rest if isinstance(value, dict) else {"raw": value}
        return Tool(kind=kind, name=as_text(rest.get("name")) or kind, extra=rest)
    fields.word("type", "function")
    del fields.rest["function"]
    tool = Tool(
        kind="function",
        name=name,
        description=inner.text("description"),
        parameters=inner.rest.pop("parameters", None),
        strict=inner.flag("strict"),
        extra=fields.rest,
    )
    fields.leave("function", inner.rest)
    return tool


def _read_choice(fields: Fields) -> ToolChoice | None:
    value = fields.rest.get("tool_choice")
    choice = _MODES.get(value) if isinstance(value, str) else _named_choice(value)
    if choice is None and isinstance(value, dict) and value:
        choice = ToolChoice(mode="tool", raw=value)
    if choice is not None:
        del fields.rest["tool_choice"]
    return choice


def _named_choice(value: Json) -> ToolChoice | None:
    if not isinstance(value, dict):
        return None
    allowed = value.get("allowed_tools")
    if isinstance(allowed, dict):
        tools = allowed.get("tools")
        names = [_name_of(tool) for tool in tools] if isinstance(tools, list) else []
        known = tuple(name for name in names if name)
        return ToolChoice(mode="allowed", names=known, raw=value)
    name = _name_of(value)
    return ToolChoice(mode="tool", names=(name,)) if name else None


def _name_of(value: Json) -> str | None:
    """The name in `{"function": {"name": …}}`, with or without a type, or under `custom`."""
    named = as_object(value)
    inner = named.get("function") or named.get(CUSTOM)
    return as_text(inner.get("name")) if isinstance(inner, dict) else None


def _read_reasoning(fields: Fields) -> Reasoning | None:
    effort = fields.text("reasoning_effort")
    return Reasoning(effort=effort) if effort else None


def _read_output(fields: Fields) -> OutputFormat | None:
    """Structured output; what is no format of OpenAI's stays in `extra`."""
    outer = Fields(fields.rest.get("response_format"))
    inner = Fields(outer.rest.get("json_schema"))
    output = read_format(outer.text("type"), inner)
    if output is None:
        return None
    del fields.rest["response_format"]
    outer.rest.pop("json_schema", None)
    outer.leave("json_schema", inner.rest)
    return replace(output, extra=outer.rest)


def read_format(kind: str | None, fields: Fields) -> OutputFormat | None:
    """Structured output of a kind; none where the fields that define it do not fit."""
    schema = fields.object("schema")
    if kind not in _OUTPUTS or (kind == "json_schema") != bool(schema):
        return None
    return OutputFormat(
        type=_OUTPUTS[kind],
        schema=schema or None,
        name=fields.text("name"),
        description=fields.text("description"),
        strict=fields.flag("strict"),
        extra=fields.rest,
    )
