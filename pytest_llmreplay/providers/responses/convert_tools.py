"""Writing the tools of a request of another format, and which of them may be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pytest_llmreplay.event import Json, Request, Tool, ToolChoice
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.tools.choices import (
    allowed_mode,
    choice_changes,
    choice_code,
    tool_code,
)
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM, flat
from pytest_llmreplay.providers.tools.schemas import EMPTY_PARAMETERS
from pytest_llmreplay.providers.tools.web_search import SEARCH, WebSearch, chosen_names

__all__ = ["write_tools"]

_MARKS = ("type", "name", "function")


def write_tools(request: Request, search: WebSearch | None, losses: Losses) -> dict[str, Json]:
    """Tools, choice, and whether calls may come together, or how many of them."""
    tools = [item for tool in request.tools if (item := _tool(tool, losses)) is not None]
    if search is not None:
        tools.append(search.as_openai_tool(losses))
    body: dict[str, Json] = {"tools": [*tools]} if tools else {}
    choice = _choice(request.tool_choice, _choice_names(tools), losses)
    if choice is not None:
        body["tool_choice"] = choice
    if tools and request.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = request.parallel_tool_calls
    if search is not None and search.most is not None:
        body["max_tool_calls"] = search.most
    return body


def _choice_names(tools: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """How a choice names each tool; one that the API runs has no name but its kind."""
    named: dict[str, Json] = {}
    for tool in tools:
        mark = {key: value for key, value in tool.items() if key in {"type", "name"}}
        named[str(mark.get("name", mark["type"]))] = mark
    return named


def _tool(tool: Tool, losses: Losses) -> dict[str, Json] | None:
    if tool.kind == CUSTOM:
        return flat(tool, losses)
    if tool.kind != "function":
        losses.add(tool_code(tool))
        return None
    extra = dict(tool.extra)
    if extra.pop("defer_loading", False):
        losses.add("~tools.defer_loading")
    losses.keys(extra, "tools.", known=_MARKS)
    losses.keys(as_object(extra.get("function")), "tools.")
    named = isinstance(tool.parameters, dict) and bool(tool.parameters)
    parameters = tool.parameters if named else dict(EMPTY_PARAMETERS)
    body: dict[str, Json] = {"type": "function", "name": tool.name, "parameters": parameters}
    if tool.description is not None:
        body["description"] = tool.description
    return body | {"strict": tool.strict or False}  # left out, it would be true here


def _choice(choice: ToolChoice | None, tools: dict[str, Json], losses: Losses) -> Json:
    """The choice; `None` where it says nothing, or names what is not offered."""
    if choice is None:
        return None
    losses.add(*choice_changes(choice))
    named = chosen_names(choice)
    known = [tools[name] for name in named if name in tools]
    match choice.mode:
        case "auto" | "none":
            return choice.mode if tools else None
        case "required" if tools:
            return "required"
        case "tool" if known:
            # A tool that the API runs is named alone by some of its kinds only.
            return _allowed("required", known) if named[0] == SEARCH else known[0]
        case "allowed" if known and len(known) == len(named):
            return _allowed(allowed_mode(choice), known)
        case _:
            losses.add(choice_code(choice))
            return None


def _allowed(mode: Literal["auto", "required"], tools: list[Json]) -> Json:
    return {"type": "allowed_tools", "mode": mode, "tools": tools}
