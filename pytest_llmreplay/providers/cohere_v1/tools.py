"""Tools of Cohere's first chat, and calls of them: a name and parameters, without an id.

Parameters of a tool are told one by one, in Python's words.
"""

from __future__ import annotations

import re

from pytest_llmreplay.event import Json, Part, Tool, ToolCallPart, UnknownPart
from pytest_llmreplay.providers.fields import Fields, as_text

__all__ = ["TOOL_CALLS", "read_call", "read_tool", "write_call"]

_TYPES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_LIST = re.compile(r"list\[(\w+)\]")

TOOL_CALLS = "tool_calls"


def read_tool(value: Json) -> Tool:
    """A function that is offered, its parameters as a JSON Schema."""
    fields = Fields(value)
    name, description = fields.text("name"), fields.text("description")
    told = fields.object("parameter_definitions")
    return Tool(
        kind="function",
        name=name or "",
        description=description,
        parameters=_schema(told) if told else None,
        extra=fields.rest,
    )


def _schema(told: dict[str, Json]) -> Json:
    required: list[Json] = [name for name, one in told.items() if Fields(one).flag("required")]
    properties: dict[str, Json] = {name: _parameter(Fields(one)) for name, one in told.items()}
    schema: dict[str, Json] = {"type": "object", "properties": properties}
    return schema | ({"required": required} if required else {})


def _parameter(fields: Fields) -> Json:
    kind = (as_text(fields.rest.pop("type", None)) or "").lower()
    fields.flag("required")
    listed = _LIST.fullmatch(kind)
    if listed is not None:
        inner: Json = {"type": _TYPES.get(listed[1], listed[1])}
        return {"type": "array", "items": inner, **fields.rest}
    return {"type": _TYPES.get(kind, kind), **fields.rest} if kind else fields.rest


def read_call(value: Json) -> Part:
    """A call; one without a name is kept whole."""
    fields = Fields(value)
    name = fields.text("name")
    if name is None:
        return UnknownPart(type=TOOL_CALLS, raw=value)
    asked = fields.rest.pop("parameters", {})
    return ToolCallPart(name=name, arguments=asked, extra=fields.rest)


def write_call(part: ToolCallPart, *, decoded: bool) -> Json:
    """The same as the format has it."""
    call: dict[str, Json] = {"name": part.name, "parameters": part.arguments}
    if not decoded and not isinstance(part.arguments, dict):
        call["parameters"] = {"input": part.arguments}
    return call | (dict(part.extra) if decoded else {})
