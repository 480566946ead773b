"""Tools of Cohere's first chat, whose parameters are told one by one, in Python's words."""

from __future__ import annotations

import re

from pytest_llmreplay.event import Json, Tool
from pytest_llmreplay.providers.fields import Fields, as_text

__all__ = ["read_tool"]

_TYPES = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_LIST = re.compile(r"list\[(\w+)\]")


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
