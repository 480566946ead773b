"""Writing tools, the choice among them and the shape of the answer for chat completions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pytest_llmreplay.event import Json, OutputFormat, Request, Tool, ToolChoice
from pytest_llmreplay.providers.conversion.losses import Losses
from pytest_llmreplay.providers.fields import as_object
from pytest_llmreplay.providers.tools.choices import (
    allowed_mode,
    choice_changes,
    choice_code,
    tool_code,
)
from pytest_llmreplay.providers.tools.custom_tools import CUSTOM, nested
from pytest_llmreplay.providers.tools.schemas import EMPTY_PARAMETERS, is_strict
from pytest_llmreplay.providers.tools.web_search import SEARCH, WebSearch, chosen_names

__all__ = ["write_output", "write_tools"]

_MARKS = ("type", "name", "function")
_KINDS = frozenset({"function", CUSTOM})


def write_tools(request: Request, search: WebSearch | None, losses: Losses) -> dict[str, Json]:
    """Tools, choice and parallel calls, the last two only where tools are offered; the search."""
    tools: list[Json] = []
    names: dict[str, str] = {}
    for tool in request.tools:
        if tool.kind in _KINDS:
            tools.append(nested(tool, losses) if tool.kind == CUSTOM else _tool(tool, losses))
            names[tool.name] = tool.kind
        else:
            losses.add(tool_code(tool))
    body: dict[str, Json] = {"tools": tools} if tools else {}
    choice = request.tool_choice
    if search is not None:
        body["web_search_options"] = search.as_options(losses)
        choice = None if _follows(choice, names) else choice
    written = _choice(choice, names, losses) if choice is not None else None
    if written is not None and tools:
        body["tool_choice"] = written
    if request.parallel_tool_calls is not None and tools:
        body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def write_output(output: OutputFormat | None, losses: Losses) -> dict[str, Json]:
    """`response_format`; plain text needs none."""
    if output is None:
        return {}
    rest = dict(output.extra) | as_object(output.extra.get("json_schema"))
    losses.keys(rest, "response_format.", known=("json_schema",))
    if output.type == "text":
        return {}
    if output.type == "json_object":
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": _schema(output, losses)}}


def _tool(tool: Tool, losses: Losses) -> Json:
    extra = dict(tool.extra)
    if extra.pop("defer_loading", None):
        losses.add("~tools.defer_loading")
    losses.keys(extra, "tools.", known=_MARKS)
    losses.keys(as_object(extra.get("function")), "tools.")
    function: dict[str, Json] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    named = isinstance(tool.parameters, dict) and bool(tool.parameters)
    function["parameters"] = tool.parameters if named else dict(EMPTY_PARAMETERS)
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _follows(choice: ToolChoice | None, names: Collection[str]) -> bool:
    """Whether a choice asks for nothing but a search, which is made for every answer."""
    if choice is None or choice.mode == "required":
        return not names
    return choice.mode == "tool" and chosen_names(choice) == (SEARCH,)


def _choice(choice: ToolChoice, names: Mapping[str, str], losses: Losses) -> Json:
    """The choice; `None` where it says nothing, or names what is not offered."""
    known = [_choice_of(name, names[name]) for name in choice.names if name in names]
    losses.add(*choice_changes(choice))
    match choice.mode:
        case "auto" | "none":
            return choice.mode
        case "required" if names:
            return "required"
        case "tool" if known:
            return known[0]
        case "allowed" if known and len(known) == len(choice.names):
            return {"type": "allowed_tools", "allowed_tools": _allowed(choice, known)}
        case _:
            losses.add(choice_code(choice))
            return None


def _choice_of(name: str, kind: str) -> Json:
    return {"type": kind, kind: {"name": name}}


def _allowed(choice: ToolChoice, tools: list[Json]) -> Json:
    return {"mode": allowed_mode(choice), "tools": tools}


def _schema(output: OutputFormat, losses: Losses) -> Json:
    strict = output.strict
    if output.name is None:
        losses.add("+response_format.name")
        if strict is None and not (strict := is_strict(output.schema)):
            losses.add("~response_format.strict")
    named: dict[str, Json] = {"description": output.description, "strict": strict}
    kept = {key: value for key, value in named.items() if value is not None}
    return {"name": output.name or "answer", "schema": output.schema, **kept}
