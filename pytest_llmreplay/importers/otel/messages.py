"""Messages that attributes tell flat, by the names of chat completions."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.converse import are_converse_blocks
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.providers.fields import as_list, as_object, as_objects, as_text

__all__ = ["flat_messages", "indexed", "message_of"]

_DEEPEST = 20
_LONGEST = 10
"""Digits of a number."""


def indexed(attributes: Mapping[str, Json], prefix: str) -> list[dict[str, Json]]:
    """The objects that stand under a prefix and a number, in the order of their numbers.

    Names say where a value stands, as `gen_ai.prompt.0.tool_calls.1.name`.
    """
    tree: dict[str, Json] = {}
    for name, value in attributes.items():
        if name.startswith(f"{prefix}."):
            path = name.removeprefix(f"{prefix}.").split(".")
            _put(tree, path[:_DEEPEST], value)
    return as_objects(_lists(tree))


def _put(tree: dict[str, Json], path: list[str], value: Json) -> None:
    for name in path[:-1]:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        tree = inner
    tree.setdefault(path[-1], value)


def _lists(value: Json) -> Json:
    """An object whose names are all numbers is a list."""
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(held) for name, held in value.items()}
    if inner and all(name.isdecimal() and len(name) < _LONGEST for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def flat_messages(attributes: Mapping[str, Json], prefix: str) -> list[Json]:
    """The messages under `prefix.0.`, `prefix.1.` and so on."""
    return [message_of(entry) for entry in indexed(attributes, prefix)]


def message_of(entry: Mapping[str, Json]) -> dict[str, Json]:
    """A message by the names of chat completions."""
    inner = entry.get("message")  # OpenInference tells everything under it
    held = inner if isinstance(inner, dict) else entry
    message: dict[str, Json] = {
        "role": as_text(held.get("role")) or "assistant",
        "content": _content(held),
    }
    calls = held.get("tool_calls")
    if isinstance(calls, list) and calls:
        message["tool_calls"] = [_call(call) for call in calls]
    for name in ("tool_call_id", "name", "finish_reason"):
        if (text := as_text(held.get(name))) is not None:
            message[name] = text
    return message


def _content(held: Mapping[str, Json]) -> Json:
    """Words, or blocks that were written as a text."""
    if "contents" in held:  # OpenInference
        return _contents(held["contents"])
    blocks = from_text(held.get("content"))
    typed = isinstance(blocks, list) and all(
        isinstance(block, dict) and "type" in block for block in blocks
    )
    return blocks if typed or are_converse_blocks(blocks) else held.get("content")


def _contents(value: Json) -> Json:
    items = as_list(value)
    blocks = (item.get("message_content") for item in items if isinstance(item, dict))
    return [_block(block) for block in blocks if isinstance(block, dict)]


def _block(block: dict[str, Json]) -> Json:
    url = as_object(as_object(block.get("image")).get("image")).get("url")
    if url is not None:
        return {"type": "image_url", "image_url": {"url": url}}
    return {"type": "text", "text": block.get("text")}


def _call(listed: Json) -> Json:
    """A tool call, told flat, as OpenAI does, or under `tool_call` as OpenInference does."""
    outer = as_object(listed)
    inner = outer.get("tool_call")
    call = inner if isinstance(inner, dict) else outer
    function = call.get("function")
    held = function if isinstance(function, dict) else call
    asked = held.get("arguments", "{}")
    return {
        "id": call.get("id"),
        "type": "function",
        "function": {"name": as_text(held.get("name")) or "", "arguments": asked},
    }
