"""Reading the tools of a responses request, and which of them the model may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_llmreplay.event import Json, Tool, ToolChoice
from pytest_llmreplay.providers.fields import Fields, as_list, as_text
from pytest_llmreplay.providers.tools.schemas import is_strict

__all__ = ["read_choice", "read_tools"]

_MODES: dict[str, ToolChoice] = {
    "auto": ToolChoice(mode="auto"),
    "none": ToolChoice(mode="none"),
    "required": ToolChoice(mode="required"),
}


def read_tools(values: Iterable[Json]) -> Iterator[Tool]:
    """All tools; those of a namespace as if they were offered by themselves, after it."""
    for value in values:
        tool = _read_tool(value)
        yield tool
        if tool.kind == "namespace":
            yield from map(_read_tool, Fields(value).items("tools"))


def _read_tool(value: Json) -> Tool:
    """A function of the application, or a tool of another kind, whose keys all stay in `extra`."""
    fields = Fields(value)
    kind = as_text(fields.rest.get("type")) or "unknown"
    name = as_text(fields.rest.get("name"))
    if kind != "function" or name is None:
        rest = fields.rest if isinstance(value, dict) else {"raw": value}
        return Tool(kind=kind, name=name or kind, extra=rest)
    del fields.rest["type"], fields.rest["name"]
    parameters, strict = fields.rest.pop("parameters", None), fields.flag("strict")
    if strict is None and is_strict(parameters):
        strict = True  # where nobody says otherwise, which other formats take for false
    return Tool(
        kind="function",
        name=name,
        description=fields.text("description"),
        parameters=parameters,
        strict=strict,
        extra=fields.rest,
    )


def read_choice(fields: Fields) -> ToolChoice | None:
    """Whether and which tool the model may use."""
    value = fields.rest.get("tool_choice")
    choice = _MODES.get(value) if isinstance(value, str) else _named_choice(value)
    if choice is not None:
        del fields.rest["tool_choice"]
    return choice


def _named_choice(value: Json) -> ToolChoice | None:
    if not isinstance(value, dict) or not value:
        return None
    if value.get("type") == "allowed_tools":
        names = [_name_of(tool) or _kind_of(tool) for tool in as_list(value.get("tools"))]
        return ToolChoice(mode="allowed", names=tuple(n for n in names if n), raw=value)
    name = _name_of(value)
    if value.get("type") == "function" and name:
        return ToolChoice(mode="tool", names=(name,))
    return ToolChoice(mode="tool", names=(name,) if name else (), raw=value)


def _name_of(tool: Json) -> str | None:
    return as_text(tool.get("name")) if isinstance(tool, dict) else None


def _kind_of(tool: Json) -> str | None:
    """What names a tool that the API runs."""
    return as_text(tool.get("type")) if isinstance(tool, dict) else None
