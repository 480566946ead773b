"""The tools that a span says were offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.providers.fields import as_object

from .messages import indexed

__all__ = ["tools_on"]


def tools_on(attributes: Mapping[str, Json]) -> Json:
    """The tools that were offered, each by the names of some format."""
    names = ("gen_ai.tool.definitions", "llm.request.functions", "ai.prompt.tools")
    listed = next(
        (tools for tools in (from_text(attributes.get(name)) for name in names) if tools), None
    )
    named = listed if isinstance(listed, list) else indexed(attributes, "llm.request.functions")
    return [_function(tool) for tool in [*named, *_open_inference_tools(attributes)]]


def _open_inference_tools(attributes: Mapping[str, Json]) -> Iterator[Json]:
    for entry in indexed(attributes, "llm.tools"):
        yield as_object(entry.get("tool")).get("json_schema")


def _function(listed: Json) -> Json:
    """A tool by the names of chat completions; OpenLLMetry and the conventions tell it flat."""
    tool = from_text(listed)
    if not isinstance(tool, dict) or "function" in tool or "input_schema" in tool:
        return tool
    if isinstance(of_converse := tool.get("toolSpec"), dict):
        inner = as_object(of_converse.get("inputSchema")).get("json")
        tool = {**of_converse, "parameters": inner}
    named = {key: tool[key] for key in ("name", "description") if tool.get(key)}
    parameters = from_text(tool.get("parameters") or tool.get("inputSchema"))
    function = {**named, "parameters": parameters}
    return {"type": "function", "function": function}
