"""Messages of LangChain, in the forms in which its tracers write them.

A message is an object of its own class (`{"lc": 1, "id": […, "AIMessage"], "kwargs": {…}}`), of
`messages_to_dict` (`{"type": "ai", "data": {…}}`), or flat (`{"type": "ai", "content": …}`).
https://reference.langchain.com/python/langchain-core/messages
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_object, as_text
from pytest_llmreplay.providers.json_values import compact_json

__all__ = ["answer_facts", "is_langchain", "wire_message"]

_ROLES = {
    "human": "user",
    "ai": "assistant",
    "system": "system",
    "developer": "developer",
    "tool": "tool",
    "function": "function",
    "HumanMessage": "user",
    "HumanMessageChunk": "user",
    "AIMessage": "assistant",
    "AIMessageChunk": "assistant",
    "SystemMessage": "system",
    "SystemMessageChunk": "system",
    "ToolMessage": "tool",
    "ToolMessageChunk": "tool",
    "FunctionMessage": "function",
}
_CALLS = frozenset(
    {"tool_use", "tool_call", "tool_call_chunk", "input_json_delta", "function_call"}
)
"""Blocks that say again what `tool_calls` says."""


def is_langchain(value: Json) -> bool:
    """Whether this is one of LangChain's messages."""
    return isinstance(value, dict) and "role" not in value and _kind(value) in _ROLES


def wire_message(value: Json) -> dict[str, Json]:
    """The message with the names of chat completions.

    Blocks of content stay those of the provider; a block that only repeats a tool call is left
    out.
    """
    assert isinstance(value, dict)
    held, role = _fields_of(value), _ROLES[_kind(value)]
    message: dict[str, Json] = {"role": _own_role(held) or role, "content": _content(held)}
    calls = held.get("tool_calls")
    if isinstance(calls, list) and calls:
        message["tool_calls"] = [_call(call) for call in calls]
    if role == "tool":
        message["tool_call_id"] = held.get("tool_call_id")
    if name := as_text(held.get("name")):
        message["name"] = name
    return message


def answer_facts(value: Json) -> dict[str, Json]:
    """What a message of a model says beside its words: `response_metadata` and counts."""
    held = _fields_of(value) if isinstance(value, dict) else {}
    facts = dict(as_object(held.get("response_metadata")))
    return facts | {"usage_metadata": held.get("usage_metadata")}


def _kind(value: Mapping[str, Json]) -> str:
    path = value.get("id")
    if value.get("lc") is not None and isinstance(path, list) and path:
        return str(path[-1])
    return str(value.get("type"))


def _fields_of(value: Mapping[str, Json]) -> Mapping[str, Json]:
    for key in ("kwargs", "data"):
        inner = value.get(key)
        if isinstance(inner, dict):
            return inner
    return value


def _own_role(held: Mapping[str, Json]) -> str | None:
    """LangChain keeps OpenAI's `developer` beside a system message."""
    beside = held.get("additional_kwargs")
    return as_text(beside.get("__openai_role__")) if isinstance(beside, dict) else None


def _content(held: Mapping[str, Json]) -> Json:
    content = held.get("content")
    if not isinstance(content, list):
        return content
    kept: list[Json] = [block for block in content if not _repeats_a_call(block)]
    return kept or None


def _repeats_a_call(block: Json) -> bool:
    return isinstance(block, dict) and str(block.get("type")) in _CALLS


def _call(value: Json) -> Json:
    """LangChain parses the arguments; on the wire they are text."""
    call = as_object(value)
    if isinstance(call.get("function"), dict):
        return call
    function: dict[str, Json] = {
        "name": as_text(call.get("name")) or "",
        "arguments": compact_json(call.get("args", {})),
    }
    return {"id": call.get("id"), "type": "function", "function": function}
