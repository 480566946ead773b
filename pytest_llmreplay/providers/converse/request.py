"""Reading a converse request."""

from __future__ import annotations

from typing import Literal, get_args

from pytest_llmreplay.event import (
    Json,
    Message,
    OutputFormat,
    Part,
    Reasoning,
    Request,
    Role,
    Tool,
    ToolChoice,
)
from pytest_llmreplay.providers.fields import Fields, as_object, as_text
from pytest_llmreplay.providers.json_values import json_object
from pytest_llmreplay.providers.messages.request import read_output

from .blocks import read_answer_block, read_block, type_of

__all__ = ["read_request"]

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}
_MODES: dict[str, Literal["disabled", "enabled", "adaptive"]] = {
    "disabled": "disabled",
    "enabled": "enabled",
    "adaptive": "adaptive",
}


def read_request(body: dict[str, Json], *, model: str | None, stream: bool) -> Request:
    """What was asked; parameters that no field names are in `extra`, in their places."""
    fields = Fields(body)
    limits = Fields(fields.rest.get("inferenceConfig"))
    tools = Fields(fields.rest.get("toolConfig"))
    more = Fields(fields.rest.get("additionalModelRequestFields"))
    tier = Fields(fields.rest.get("serviceTier"))
    request = Request(
        model=model,
        stream=stream,
        system_instructions=_read_blocks(fields, "system"),
        messages=tuple(_read_message(message) for message in fields.items("messages")),
        tools=tuple(_read_tool(tool) for tool in tools.items("tools")),
        tool_choice=_read_choice(tools),
        max_tokens=limits.integer("maxTokens"),
        temperature=limits.number("temperature"),
        top_p=limits.number("topP"),
        top_k=more.integer("top_k"),
        stop_sequences=limits.texts("stopSequences"),
        reasoning=_read_reasoning(more),
        output=_read_output(fields) or read_output(more),
        service_tier=tier.text("type"),
        extra=fields.rest,
    )
    _put(fields, "inferenceConfig", limits)
    _put(fields, "toolConfig", tools)
    _put(fields, "additionalModelRequestFields", more)
    _put(fields, "serviceTier", tier)
    return request


def _put(fields: Fields, key: str, inner: Fields) -> None:
    """Put what is left of an object in its place; nothing, where nothing is."""
    if isinstance(fields.rest.get(key), dict):
        del fields.rest[key]
        fields.leave(key, inner.rest)


def _read_blocks(fields: Fields, key: str) -> tuple[Part, ...]:
    return tuple(read_block(block) for block in fields.items(key))


def _read_message(value: Json) -> Message:
    fields = Fields(value)
    if not isinstance(value, dict):
        fields.leave("message", value)
    role = _ROLES.get(as_text(fields.rest.get("role")) or "", "user")
    fields.word("role", role)
    read = _read_said if role == "assistant" else read_block
    parts = tuple(read(block) for block in fields.items("content"))
    return Message(role=role, parts=parts, extra=fields.rest)


def _read_said(block: Json) -> Part:
    """A block of the model's own turn, where a result is that of a tool that the provider ran."""
    return read_answer_block(block) if type_of(block) == "toolResult" else read_block(block)


def _read_tool(value: Json) -> Tool:
    """A function is a `toolSpec`; cache points and the provider's own tools are kept whole."""
    fields = Fields(value)
    spec = Fields(fields.rest.get("toolSpec"))
    name = spec.text("name")
    if name is None:
        kind = type_of(value)
        inner = Fields(fields.rest.get(kind))
        rest = fields.rest if isinstance(value, dict) else {"raw": value}
        return Tool(kind=kind, name=inner.text("name") or kind, extra=rest)
    schema = Fields(spec.rest.pop("inputSchema", None))
    parameters = schema.rest.pop("json", None)
    spec.leave("inputSchema", schema.rest)
    description, strict = spec.text("description"), spec.flag("strict")
    del fields.rest["toolSpec"]
    fields.leave("toolSpec", spec.rest)
    return Tool(
        kind="function",
        name=name,
        description=description,
        parameters=parameters,
        strict=strict,
        extra=fields.rest,
    )


def _read_choice(tools: Fields) -> ToolChoice | None:
    value = tools.rest.get("toolChoice")
    if not isinstance(value, dict) or not value:
        return None
    del tools.rest["toolChoice"]
    match next(iter(value)):
        case "auto":
            return ToolChoice(mode="auto")
        case "any":
            return ToolChoice(mode="required")
        case kind:
            name = Fields(value[kind]).text("name")
            return ToolChoice(mode="tool", names=(name,) if name else (), raw=value)


def _read_reasoning(more: Fields) -> Reasoning | None:
    """Manner, budget and effort, under the names that the makers of the models gave them."""
    key = next((key for key in ("thinking", "reasoning_config") if key in more.rest), "")
    inner = Fields(more.rest.get(key))
    mode = _MODES.get(as_text(inner.rest.pop("type", None)) or "")
    outer = Fields(more.rest.get("output_config"))
    effort = more.text("reasoning_effort") or outer.text("effort") or more.text("reasoning_config")
    if mode is None and effort is None:
        return None
    if mode is not None:
        del more.rest[key]
    _put(more, "output_config", outer)
    return Reasoning(
        effort=effort,
        mode=mode,
        budget_tokens=inner.integer("budget_tokens") if mode else None,
        summary=inner.text("display") if mode else None,
        extra=inner.rest if mode else {},
    )


def _read_output(fields: Fields) -> OutputFormat | None:
    """Structured output, whose schema is JSON in a text."""
    outer = Fields(fields.rest.get("outputConfig"))
    text = Fields(outer.rest.get("textFormat"))
    structure = Fields(text.rest.get("structure"))
    definition = Fields(structure.rest.get("jsonSchema"))
    schema = _schema(definition.rest.get("schema"))
    if not schema or not text.word("type", "json_schema"):
        return None
    del definition.rest["schema"], structure.rest["jsonSchema"], text.rest["structure"]
    name, description = definition.text("name"), definition.text("description")
    structure.leave("jsonSchema", definition.rest)
    text.leave("structure", structure.rest)
    _put(outer, "textFormat", text)
    _put(fields, "outputConfig", outer)
    return OutputFormat(type="json_schema", schema=schema, name=name, description=description)


def _schema(text: Json) -> dict[str, Json]:
    if isinstance(text, str):
        return json_object(text)
    return as_object(text)
