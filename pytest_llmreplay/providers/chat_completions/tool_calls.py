"""Reading the tool calls of a chat completions message."""

from __future__ import annotations

from pytest_llmreplay.event import Json, Part, ToolCallPart, UnknownPart
from pytest_llmreplay.providers.fields import Fields
from pytest_llmreplay.providers.tools.arguments import parse_arguments
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM

__all__ = ["TOOL_CALLS", "read_call", "read_function_call"]

TOOL_CALLS = "tool_calls"
"""Type of an unknown part that stood among the tool calls."""

_FUNCTION = ("function", "arguments")


def read_call(value: Json) -> Part:
    """One of the tool calls."""
    fields = Fields(value)
    kind, key = (CUSTOM, "input") if fields.rest.get("type") == CUSTOM else _FUNCTION
    inner = Fields(fields.rest.get(kind))
    name = inner.text("name")
    if name is None:
        return UnknownPart(type=TOOL_CALLS, raw=value)
    del fields.rest[kind]
    return _read_named_call(fields, inner, name, kind=kind, key=key)


def read_function_call(fields: Fields) -> list[Part]:
    """The single call of the time before tools."""
    inner = Fields(fields.rest.get("function_call"))
    name = inner.text("name")
    if name is None:
        return []
    del fields.rest["function_call"]
    outer = Fields({"type": "function_call", "id": None})
    return [_read_named_call(outer, inner, name, kind="function", key="arguments")]


def _read_named_call(
    fields: Fields, inner: Fields, name: str, *, kind: str, key: str
) -> ToolCallPart:
    arguments, raw = _read_arguments(inner, key, custom=kind == CUSTOM)
    call_id = fields.text("id")
    if call_id is None:
        fields.rest.setdefault("id", None)
    if not fields.word("type", "function"):
        fields.rest.setdefault("type", None)
    fields.leave(kind, inner.rest)
    return ToolCallPart(
        name=name, arguments=arguments, id=call_id, arguments_raw=raw, extra=fields.rest
    )


def _read_arguments(inner: Fields, key: str, *, custom: bool) -> tuple[Json, str | None]:
    value = inner.rest.pop(key, None)
    if isinstance(value, str):
        return (value, value) if custom else parse_arguments(value)
    if value is None:
        inner.rest[key] = None
        return {}, None
    inner.rest[key] = {}
    return value, None
