"""Reading the tools of a request, and which of them the model may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pytest_llmreplay.event import Json, Tool, ToolChoice
from pytest_llmreplay.providers.fields import Fields
from pytest_llmreplay.providers.google_format import snake

from .schema import json_schema

__all__ = ["read_choice", "read_tools"]

_DECLARATIONS = "functionDeclarations"
_SCHEMA = "parametersJsonSchema"
_MODES: dict[Json, Literal["auto", "none", "required"]] = {
    "AUTO": "auto",
    "VALIDATED": "auto",
    "ANY": "required",
    "NONE": "none",
}


def read_tools(fields: Fields) -> tuple[Tool, ...]:
    """Functions and hosted tools, of a list of groups or of one group."""
    value = fields.rest.get("tools")
    groups = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    if groups:
        del fields.rest["tools"]
    return tuple(tool for group in groups for tool in _tools_in(group))


def _tools_in(group: Json) -> Iterator[Tool]:
    """A group holds functions under one key, and a hosted tool under each other."""
    if not isinstance(group, dict):
        yield Tool(kind="unknown", name="unknown", extra={"raw": group})
        return
    for key, value in group.items():
        if key == _DECLARATIONS and isinstance(value, list):
            yield from (_read_function(declaration) for declaration in value)
        else:
            kind = snake(key)
            yield Tool(kind=kind, name=kind, extra={key: value})


def _read_function(value: Json) -> Tool:
    fields = Fields(value)
    name = fields.text("name")
    if name is None:
        rest = fields.rest if isinstance(value, dict) else {"raw": value}
        return Tool(kind="unknown", name="unknown", extra=rest)
    return Tool(
        kind="function",
        name=name,
        description=fields.text("description"),
        parameters=_parameters(fields),
        extra=fields.rest,
    )


def _parameters(fields: Fields) -> Json:
    if fields.rest.get(_SCHEMA) is not None:
        return fields.rest.pop(_SCHEMA)
    return json_schema(fields.rest.pop("parameters", None))


def read_choice(fields: Fields) -> ToolChoice | None:
    """`toolConfig.functionCallingConfig`; what else `toolConfig` says stays."""
    outer = Fields(fields.rest.get("toolConfig"))
    config = outer.rest.get("functionCallingConfig")
    choice = _choice_of(config) if isinstance(config, dict) else None
    if choice is not None:
        del outer.rest["functionCallingConfig"], fields.rest["toolConfig"]
        fields.leave("toolConfig", outer.rest)
    return choice


def _choice_of(config: dict[str, Json]) -> ToolChoice | None:
    """A mode; with names it is about these functions alone."""
    word = config.get("mode", "AUTO")
    mode = _MODES.get(word.upper()) if isinstance(word, str) else None
    if mode is None:
        return None
    found = config.get("allowedFunctionNames")
    names = tuple(str(name) for name in found) if isinstance(found, list) else ()
    if not names or mode == "none":
        # Arguments that are held to their schema have no neutral name.
        return ToolChoice(mode=mode, raw=config if word == "VALIDATED" else None)
    one = mode == "required" and len(names) == 1
    return ToolChoice(mode="tool" if one else "allowed", names=names, raw=config)
