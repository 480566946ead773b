"""Merging the deltas of a chat completions stream into one message."""

from __future__ import annotations

from typing import TypeGuard

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list, as_object, is_blank
from pytest_llmreplay.providers.streams.growing import Place

__all__ = ["CONCATENATED", "Calls", "growing_arguments", "merge_delta"]

_TEXTS = frozenset({"refusal", "reasoning", "reasoning_content"})
CONCATENATED = _TEXTS | {"content"}
"""Keys of a delta whose words are appended to those before."""
_EXTENDED = frozenset({"annotations", "executed_tools", "images"})
_GROWING_INSIDE = {
    "audio": frozenset({"data", "transcript"}),
    "function_call": frozenset({"arguments"}),
}
_GROWING_DETAILS = frozenset({"text", "summary"})


class Calls:
    """The tool calls so far."""

    def __init__(self) -> None:
        self.so_far: list[dict[str, Json]] = []
        self._by_index: dict[int, dict[str, Json]] = {}

    def add(self, fragments: Json) -> None:
        """Add the fragments of one delta."""
        for fragment in as_list(fragments):
            if isinstance(fragment, dict):
                self._merge(self._call_of(fragment), fragment)

    def whole(self) -> list[Json]:
        """All calls; arguments that never came are `{}`."""
        calls: list[Json] = []
        for call in self.so_far:
            function = call.get("function")
            if isinstance(function, dict) and not function.get("arguments"):
                function["arguments"] = "{}"
            calls.append(call)
        return calls

    def _call_of(self, fragment: dict[str, Json]) -> dict[str, Json]:
        index = fragment.get("index")
        known = self._by_index.get(index) if isinstance(index, int) else None
        if index is None and self.so_far:
            last = self.so_far[-1]
            known = last if fragment.get("id") in (None, "", last.get("id")) else None
        if known is not None and not _opens_another(known, fragment):
            return known
        call: dict[str, Json] = {}
        self.so_far.append(call)
        if isinstance(index, int):
            self._by_index[index] = call
        return call

    def _merge(self, call: dict[str, Json], fragment: dict[str, Json]) -> None:
        for key, value in fragment.items():
            if key in {"function", "custom"} and isinstance(value, dict):
                inner = call.setdefault(key, {})
                if isinstance(inner, dict):
                    _merge_function(inner, value)
            elif key != "index" and (key not in call or not call[key]):
                call[key] = value


def merge_delta(message: dict[str, Json], delta: dict[str, Json], calls: Calls) -> None:
    """Merge one delta into the message, its tool calls into `calls`."""
    for key, value in delta.items():
        if key == "tool_calls":
            calls.add(value)
        elif key == "content":
            message[key] = _joined(message.get(key), value)
        elif key in _TEXTS:
            message[key] = _joined_text(message.get(key), value)
        elif key == "reasoning_details":
            _merge_details(message, value)
        elif key in _EXTENDED and isinstance(value, list):
            message[key] = [*as_list(message.get(key)), *value]
        elif key in _GROWING_INSIDE and isinstance(value, dict):
            message[key] = _grown(message.get(key), value, _GROWING_INSIDE[key])
        elif key not in message or (not is_blank(value) and key != "role"):
            message[key] = value


def growing_arguments(calls: Json) -> Place | None:
    """Where more arguments stand for a call named by its index, if nothing but them is told."""
    call = calls[0] if isinstance(calls, list) and len(calls) == 1 else None
    if not isinstance(call, dict) or not call.keys() <= {"index", "type", "function"}:
        return None
    function = call.get("function")
    if not isinstance(function, dict) or function.keys() != {"arguments"}:
        return None
    known = isinstance(call.get("index"), int) and isinstance(function["arguments"], str)
    return (function, "arguments") if known else None


def _opens_another(call: dict[str, Json], fragment: dict[str, Json]) -> bool:
    """Some servers number all calls 0: a new id with a name is another call."""
    function = fragment.get("function")
    named = isinstance(function, dict) and bool(function.get("name"))
    new_id = fragment.get("id")
    return named and bool(new_id) and bool(call.get("id")) and new_id != call.get("id")


def _merge_function(inner: dict[str, Json], fragment: dict[str, Json]) -> None:
    for key, value in fragment.items():
        if key in {"arguments", "input"} and isinstance(value, str):
            inner[key] = _joined_text(inner.get(key), value)
        elif not inner.get(key):
            inner[key] = value


def _joined_text(before: Json, value: Json) -> Json:
    if not isinstance(value, str):
        return before
    return before + value if isinstance(before, str) else value


def _joined(before: Json, value: Json) -> Json:
    """Content so far and more of it: text, or lists as soon as one of them is a list."""
    if not isinstance(before, list) and not isinstance(value, list):
        return _joined_text(before, value)
    items = [dict(item) if isinstance(item, dict) else item for item in _as_items(before)]
    for item in _as_items(value):
        if items and _same_kind(items[-1], item):
            items[-1] = _merged_item(items[-1], item)
        else:
            items.append(item)
    return items


def _as_items(content: Json) -> list[Json]:
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []


def _same_kind(one: Json, other: Json) -> TypeGuard[dict[str, Json]]:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    return one.get("type") == other.get("type") and one.get("type") in {"text", "thinking"}


def _merged_item(one: Json, other: Json) -> Json:
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    merged = one | other
    for key in ("text", "thinking"):
        if key in one and key in other:
            merged[key] = _joined(one[key], other[key])
    return merged


def _merge_details(message: dict[str, Json], value: Json) -> None:
    """Details of one index and type are one; the words grow, signature and data come whole."""
    details = as_list(message.get("reasoning_details"))
    for item in as_list(value):
        place = _place_of(details, item)
        if place is None:
            details.append(dict(item) if isinstance(item, dict) else item)
        else:
            details[place] = _grown(details[place], item, _GROWING_DETAILS)
    message["reasoning_details"] = details


def _place_of(details: list[Json], item: Json) -> int | None:
    if not isinstance(item, dict) or ("index" not in item and item.get("data")):
        return None
    for place in range(len(details) - 1, -1, -1):
        known = details[place]
        if isinstance(known, dict) and all(
            known.get(key) == item.get(key) for key in ("index", "type")
        ):
            return place
    return None


def _grown(before: Json, value: Json, growing: frozenset[str]) -> dict[str, Json]:
    """Words appended, of everything else the last that says something."""
    grown = dict(as_object(before))
    for key, item in value.items() if isinstance(value, dict) else ():
        if key in growing and isinstance(item, str):
            grown[key] = _joined_text(grown.get(key), item)
        elif key not in grown or not is_blank(item):
            grown[key] = item
    return grown
