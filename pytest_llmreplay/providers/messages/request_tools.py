"""Writing tools and the choice among them for messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from pytest_llmreplay.event import Json, Request, Tool, ToolChoice
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.tools.choices import (
    allowed_mode,
    choice_changes,
    choice_code,
    is_cache_mark,
    tool_code,
)
from pytest_llmreplay.providers.tools.schemas import EMPTY_PARAMETERS
from pytest_llmreplay.providers.tools.web_search import SEARCH, WebSearch, chosen_names

from .cache_marks import CACHE_CONTROL, as_control

__all__ = ["forces_a_tool", "write_tools"]

_MARKS = ("type", "name", "function")


def write_tools(request: Request, search: WebSearch | None, losses: Losses) -> dict[str, Json]:
    """Tools and choice; the choice also says whether calls may be parallel."""
    functions = _functions(request.tools, losses)
    names = [tool.name for tool in functions] + ([] if search is None else [SEARCH])
    choice = request.tool_choice
    if choice is not None and choice.mode == "allowed" and _offered(choice, names):
        losses.add("~tool_choice.allowed_tools")
        names = [*chosen_names(choice)]
    written = _choice(choice, names, losses) if choice is not None else {}
    if not names:
        return {}
    if request.parallel_tool_calls is not None and written.get("type") != "none":
        written = _parallel(written, losses, parallel=request.parallel_tool_calls)
    tools = [_tool(tool, losses) for tool in functions if tool.name in names]
    if search is not None and SEARCH in names:
        tools.append(search.as_anthropic_tool(losses))
    return {"tools": tools} | ({"tool_choice": written} if written else {})


def forces_a_tool(body: dict[str, Json]) -> bool:
    """Whether a body leaves the model no choice but to call a tool."""
    choice = body.get("tool_choice")
    return isinstance(choice, dict) and choice.get("type") in {"any", "tool"}


def _functions(tools: Sequence[Tool], losses: Losses) -> list[Tool]:
    """The functions; a cache point after them is a mark on the last one before it."""
    kept: list[Tool] = []
    for tool in tools:
        if tool.kind == "function":
            kept.append(tool)
        elif is_cache_mark(tool) and kept:
            control = as_control(tool.extra.get(tool.kind))
            kept[-1] = replace(kept[-1], extra={**kept[-1].extra, CACHE_CONTROL: control})
        else:
            losses.add(tool_code(tool))
    return kept


def _tool(tool: Tool, losses: Losses) -> Json:
    extra = dict(tool.extra)
    if extra.pop("defer_loading", None):
        losses.add("~tools.defer_loading")
    control = extra.pop(CACHE_CONTROL, None)
    losses.keys(extra, "tools.", known=_MARKS)
    losses.keys(as_object(extra.get("function")), "tools.")
    named = isinstance(tool.parameters, dict) and bool(tool.parameters)
    schema = dict(EMPTY_PARAMETERS) if not named else tool.parameters
    written: dict[str, Json] = {"name": tool.name, "input_schema": schema}
    if isinstance(schema, dict) and "type" not in schema:
        written["input_schema"] = {"type": "object", **schema}
    if tool.description is not None:
        written["description"] = tool.description
    written |= {CACHE_CONTROL: control} if isinstance(control, dict) and control else {}
    return written | ({"strict": True} if tool.strict else {})


def _choice(choice: ToolChoice, names: Collection[str], losses: Losses) -> dict[str, Json]:
    """The choice; nothing where it names what is not offered."""
    named = chosen_names(choice)
    known = [name for name in named if name in names]
    losses.add(*choice_changes(choice))
    match choice.mode:
        case "auto" | "none":
            return {"type": choice.mode}
        case "required" if names:
            return {"type": "any"}
        case "tool" if known:
            return {"type": "tool", "name": known[0]}
        case "allowed" if known and len(known) == len(named):
            return {"type": "any" if allowed_mode(choice) == "required" else "auto"}
        case _:
            losses.add(choice_code(choice))
            return {}


def _offered(choice: ToolChoice, names: Collection[str]) -> bool:
    return bool(choice.names) and all(name in names for name in chosen_names(choice))


def _parallel(written: dict[str, Json], losses: Losses, *, parallel: bool) -> dict[str, Json]:
    if parallel:
        return written
    if not written:
        losses.add("+tool_choice.auto")
    return (written or {"type": "auto"}) | {"disable_parallel_tool_use": True}
