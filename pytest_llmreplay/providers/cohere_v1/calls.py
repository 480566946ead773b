"""Calls of tools in Cohere's first chat: a name and parameters, without an id."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Part, ToolCallPart, UnknownPart
from pytest_llmreplay.providers.fields import Fields

__all__ = ["TOOL_CALLS", "read_call", "write_call"]

TOOL_CALLS = "tool_calls"


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
