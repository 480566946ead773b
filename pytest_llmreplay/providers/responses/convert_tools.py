"""Writing the tools of a request of another format, and which of them may be used."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pytest_llmreplay.event import Json, Request, Tool, ToolChoice
from pytest_llmreplay.providers.fields import as_text

from .items import CUSTOM
from .losses import Losses

__all__ = ["write_tools"]

_DATE = re.compile(r"(_preview)?(_\d{4}_\d{2}_\d{2}|_\d{8})?$")
_SEARCH = "tool_search"
_FUNCTIONS = frozenset({"function", "tool", CUSTOM})


def write_tools(request: Request, losses: Losses) -> dict[str, Json]:
    """Tools, choice, and whether calls may come together."""
    tools: list[Json] = [
        item for tool in request.tools if (item := _tool(tool, losses)) is not None
    ]
    body: dict[str, Json] = {"tools": tools} if tools else {}
    names = {str(tool["name"]): str(tool["type"]) for tool in tools if isinstance(tool, dict)}
    choice = _choice(request.tool_choice, names, losses)
    if choice is not None:
        body["tool_choice"] = choice
    if tools and request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def _tool(tool: Tool, losses: Losses) -> Json:
    if tool.kind == CUSTOM:
        return _custom(tool.extra)
    if tool.kind != "function":
        losses.lost(f"tools.{_kind(tool.kind)}")
        return None
    extra = dict(tool.extra)
    if extra.pop("defer_loading", False):
        losses.changed("tools.defer_loading")
    if extra.pop("cache_control", None):
        losses.lost("tools.cache_control")
    losses.left(extra, known=("type",))
    parameters: Json = tool.parameters or {"type": "object", "properties": {}}
    body: dict[str, Json] = {"type": "function", "name": tool.name, "parameters": parameters}
    if tool.description is not None:
        body["description"] = tool.description
    return body | {"strict": tool.strict or False}  # left out, it would be true here


def _custom(extra: Mapping[str, Json]) -> Json:
    """A tool that takes any text: flat, its grammar too."""
    nested = extra.get(CUSTOM)
    inner = nested if isinstance(nested, dict) else dict(extra)
    form = inner.get("format")
    grammar = form.get("grammar") if isinstance(form, dict) else None
    if isinstance(grammar, dict):
        return {**inner, "type": CUSTOM, "format": {"type": "grammar", **grammar}}
    return {**inner, "type": CUSTOM}


def _kind(kind: str) -> str:
    """The kind of a hosted tool, without the date of its version."""
    return _SEARCH if kind.startswith(_SEARCH) else _DATE.sub("", kind) or kind


def _choice(choice: ToolChoice | None, names: dict[str, str], losses: Losses) -> Json:
    if choice is None:
        return None
    hosted = _hosted(choice)
    if hosted is not None:
        losses.lost(f"tool_choice.{hosted}")
        return None
    known = [name for name in choice.names if name in names]
    if not names or (choice.names and not known):
        if choice.mode not in {"auto", "none"}:
            losses.lost("tool_choice")
        return None
    if choice.mode == "tool":
        return {"type": names[known[0]], "name": known[0]} if known else None
    if choice.mode != "allowed":
        return choice.mode
    tools: list[Json] = [{"type": names[name], "name": name} for name in known]
    return {"type": "allowed_tools", "mode": _mode_of_allowed(choice.raw), "tools": tools}


def _hosted(choice: ToolChoice) -> str | None:
    """The kind of the hosted tool that is chosen, if one is."""
    kind = as_text(choice.raw.get("type")) if isinstance(choice.raw, dict) else None
    if choice.mode != "tool" or kind is None or kind in _FUNCTIONS:
        return None
    return _kind(kind)


def _mode_of_allowed(raw: Json) -> str:
    outer = raw if isinstance(raw, dict) else {}
    inner = outer.get("allowed_tools")
    told = as_text((inner if isinstance(inner, dict) else outer).get("mode"))
    return told if told in {"auto", "required"} else "auto"
