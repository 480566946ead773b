"""The answer that a stream of responses has told so far."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list

__all__ = ["GROWING", "Draft"]

_IN_PART = {
    "response.output_text": ("content", "content_index", "text"),
    "response.reasoning_text": ("content", "content_index", "text"),
    "response.refusal": ("content", "content_index", "refusal"),
    "response.reasoning_summary_text": ("summary", "summary_index", "text"),
}
"""What grows in a part of an item: the list, the number in it, the key."""

_IN_ITEM = {
    "response.function_call_arguments": "arguments",
    "response.mcp_call_arguments": "arguments",
    "response.custom_tool_call_input": "input",
    "response.code_interpreter_call_code": "code",
    "response.code_interpreter_call.code": "code",
}
"""What grows in an item itself."""

GROWING = frozenset(f"{name}.delta" for name in (*_IN_PART, *_IN_ITEM))
"""Events that only bring more words."""

_PARTS = {
    "response.content_part": ("content", "content_index"),
    "response.reasoning_summary_part": ("summary", "summary_index"),
}
_KINDS = {
    "response.output_text": "output_text",
    "response.reasoning_text": "reasoning_text",
    "response.refusal": "refusal",
    "response.reasoning_summary_text": "summary_text",
}
_ANNOTATION = "response.output_text.annotation"
_ITEMS = {
    "response.output_text": "message",
    _ANNOTATION: "message",
    "response.refusal": "message",
    "response.content_part": "message",
    "response.reasoning_text": "reasoning",
    "response.reasoning_summary_text": "reasoning",
    "response.reasoning_summary_part": "reasoning",
    "response.function_call_arguments": "function_call",
    "response.mcp_call_arguments": "mcp_call",
    "response.custom_tool_call_input": "custom_tool_call",
    "response.code_interpreter_call_code": "code_interpreter_call",
    "response.code_interpreter_call.code": "code_interpreter_call",
}
"""Whose events they are, for streams that are read from the middle."""
_NOT_OF_ERROR = frozenset({"type", "sequence_number"})


class Draft:
    """The answer so far.

    An item is best told by its own `done` event: what is encrypted in it differs between that one
    and the final answer, and the one of `done` is to be sent back.
    """

    def __init__(self) -> None:
        self._response: dict[str, Json] = {}
        self._error: Json = None
        self._growing: dict[int, dict[str, Json]] = {}
        self._done: dict[int, Json] = {}

    def add(self, kind: str, data: dict[str, Json]) -> None:
        """Take over what an event says; progress alone says nothing."""
        if kind == "error" or (data.get("error") and "response" not in data):
            self._error = data.get("error") or _without(data, _NOT_OF_ERROR)
        elif isinstance(response := data.get("response"), dict):
            self._response |= response
        elif isinstance(place := data.get("output_index"), int):
            self._add_to_item(kind, place, data)

    def body(self) -> dict[str, Json]:
        """The plain body; nothing when no event told an answer."""
        body = dict(self._response)
        if body or self._growing or self._done:
            body["output"] = self._output(body.get("output"))
        if self._error:
            body["error"] = self._error
        return body

    def _output(self, final: Json) -> list[Json]:
        items: dict[int, Json] = {**self._growing, **self._done}
        items |= {
            place: item
            for place, item in enumerate(as_list(final))
            if place not in self._done or not _alike(self._done[place], item)
        }
        return [items[place] for place in sorted(items)]

    def _add_to_item(self, kind: str, place: int, data: dict[str, Json]) -> None:
        name, _, verb = kind.rpartition(".")
        if name == "response.output_item":
            self._add_whole(verb, place, data.get("item"))
            return
        if name not in _ITEMS:
            return
        item = self._growing.setdefault(place, {"type": _ITEMS[name]})
        if name in _PARTS:
            key, number = _PARTS[name]
            _put(item, key, data.get(number), data.get("part"))
        elif name == _ANNOTATION:
            _annotate(item, data)
        else:
            _grow(item, name, verb, data)

    def _add_whole(self, verb: str, place: int, item: Json) -> None:
        if verb == "done":
            self._done[place] = item
        elif isinstance(item, dict):
            self._growing[place] = dict(item)


def _grow(item: dict[str, Json], name: str, verb: str, data: dict[str, Json]) -> None:
    """Add words; `done` tells all of them again."""
    into: dict[str, Json] | None = item
    key = _IN_ITEM.get(name, "")
    if name in _IN_PART:
        group, number, key = _IN_PART[name]
        into = _part(item, group, data.get(number), _KINDS[name])
    words = data.get("delta") if verb == "delta" else data.get(key)
    if into is not None and isinstance(words, str):
        before = into.get(key)
        into[key] = before + words if verb == "delta" and isinstance(before, str) else words


def _annotate(item: dict[str, Json], data: dict[str, Json]) -> None:
    part = _part(item, "content", data.get("content_index"), "output_text")
    if part is not None:
        part["annotations"] = [*as_list(part.get("annotations")), data.get("annotation")]


def _part(item: dict[str, Json], group: str, number: Json, kind: str) -> dict[str, Json] | None:
    """A part of an item, made where no event has opened it."""
    parts = _parts(item, group)
    place = _place(number, len(parts))
    if place == len(parts):
        parts.append({"type": kind})
    found = parts[place]
    return found if isinstance(found, dict) else None


def _put(item: dict[str, Json], group: str, number: Json, part: Json) -> None:
    if not isinstance(part, dict):
        return
    parts = _parts(item, group)
    place = _place(number, len(parts))
    parts[place:] = [dict(part), *parts[place + 1 :]]


def _parts(item: dict[str, Json], group: str) -> list[Json]:
    """The list under a key of an item; one of its own, for the item may stand in other events."""
    parts: list[Json] = [*as_list(item.get(group))]
    item[group] = parts
    return parts


def _place(number: Json, count: int) -> int:
    """A number in a list, or one past its end; numbers may have gaps."""
    return min(number, count) if isinstance(number, int) and number >= 0 else max(0, count - 1)


def _alike(done: Json, final: Json) -> bool:
    """Whether two tell the same item."""
    if not isinstance(done, dict) or not isinstance(final, dict):
        return False
    return done.get("type") == final.get("type") and done.get("id") == final.get("id")


def _without(data: Mapping[str, Json], keys: frozenset[str]) -> dict[str, Json]:
    return {key: value for key, value in data.items() if key not in keys}
