"""Writing the tools of a request of another format, and which of them may be used."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json, Request, Tool, ToolChoice
from pytest_llmreplay.providers.chat_completions.tool_calls import CUSTOM
from pytest_llmreplay.providers.losses import Losses
from pytest_llmreplay.providers.schemas import EMPTY_PARAMETERS
from pytest_llmreplay.providers.words import allowed_mode, choice_changes, choice_code, tool_code

__all__ = ["write_tools"]

_MARKS = ("type", "name", "function")


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
        losses.add(tool_code(tool))
        return None
    extra = dict(tool.extra)
    if extra.pop("defer_loading", False):
        losses.add("~tools.defer_loading")
    losses.keys(extra, "tools.", known=_MARKS)
    held = extra.get("function")
    losses.keys(held if isinstance(held, dict) else {}, "tools.")
    named = isinstance(tool.parameters, dict) and bool(tool.parameters)
    parameters = tool.parameters if named else dict(EMPTY_PARAMETERS)
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


def _choice(choice: ToolChoice | None, names: dict[str, str], losses: Losses) -> Json:
    """The choice; `None` where it says nothing, or names what is not offered."""
    if choice is None:
        return None
    losses.add(*choice_changes(choice))
    known = [name for name in choice.names if name in names]
    match choice.mode:
        case "auto" | "none":
            return choice.mode if names else None
        case "required" if names:
            return "required"
        case "tool" if known:
            return {"type": names[known[0]], "name": known[0]}
        case "allowed" if known and len(known) == len(choice.names):
            tools: list[Json] = [{"type": names[name], "name": name} for name in known]
            return {"type": "allowed_tools", "mode": allowed_mode(choice), "tools": tools}
        case _:
            losses.add(choice_code(choice))
            return None
