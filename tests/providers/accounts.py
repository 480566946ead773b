"""What became of every word of a request in another format, found out by changing it.

A leaf of a request is accounted for when another value in its place gives another body or other
losses, or when a loss goes with it: with the leaf itself, or with something around it of which
nothing arrives. So every value that means something either arrives or is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

__all__ = ["Converts", "excerpts", "unaccounted"]

Path: TypeAlias = tuple[str | int, ...]
Converts: TypeAlias = Callable[[Any], tuple[str, tuple[str, ...]]]
"""From a body to the JSON of the body in the other format, and the losses."""

ENCRYPTED = "reasoning.encrypted_content"
"""Asked for by every client that keeps no state; another format has no such thoughts."""
SEARCH = "web_search"
"""The one name that Anthropic's search has."""
CONVERSATION = ("messages", "input", "contents", "prompt", "inputText", "message")
"""Where a format keeps what was said."""
LISTS = frozenset({"messages", "input", "contents", "system", "tools"})
SHAPE = frozenset({"type", "role", "model", "stream"})
"""Keys that say what stands around them."""
BOOKKEEPING = frozenset(
    {
        *("index", "call_id", "id", "tool_call_id", "tool_use_id", "toolUseId", "tool_name"),
        *("status", "include_usage", "anthropic_version", "mimeType", "mime_type"),
        "schemaVersion",
    }
)
"""Keys whose values are made anew, or go with others: ids, places, a media type beside a file."""
NAMED_BY = frozenset(
    {
        *(("functionResponse", "name"), ("function_response", "name"), ("document", "format")),
        ("source", "media_type"),
    }
)
"""The same, of certain objects: whose result it is, the media type of a document."""


ORDERS = frozenset({("propertyOrdering",), ("property_ordering",)})
"""Lists whose last name comes last without being named."""
TAKEN_APART = frozenset({"tools.namespace"})
"""Losses of objects of which the inner ones arrive by themselves."""


def unaccounted(key: str, body: Any, convert: Converts) -> list[str]:
    """Paths of the leaves under a key that neither arrive nor are told."""
    told = convert(body)
    return [
        ".".join(map(str, path))
        for path, value in leaves(body)
        if path[0] == key
        and not _usual(path, value)
        and not _accounted(body, path, value, told, convert)
    ]


def excerpts(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A request in pieces: a key, with one parameter, one tool or one thing said, and the rest.

    What is lost twice has one code; in a piece, nothing else hides behind it.
    """
    place = next((key for key in CONVERSATION if key in body), "messages")
    words = place in {"prompt", "inputText", "message"}
    said: dict[str, Any] = {place: "Hi" if words else [_greeting(place)]}
    tools: dict[str, Any] = {
        key: body[key] for key in ("tools", "toolConfig", "tool_config") if key in body
    }
    for key, value in body.items():
        chooses = "tool" in key or "tool_choice" in str(value)
        around = {} if key == place else {**said, **(tools if chooses else {})}
        if key in LISTS and isinstance(value, list):
            yield from ((key, {**around, key: [one]}) for item in value for one in _single(item))
        elif key == "toolConfig" and isinstance(value, dict) and "tools" in value:
            yield from ((key, {**said, key: {**value, "tools": [one]}}) for one in value["tools"])
        else:
            yield key, {**around, key: value}


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that says something and is no object and no list, and where it stands."""
    if isinstance(value, dict):
        of_result = value.get("type") == "function_result"  # it names its call by an id
        for key, inner in value.items():
            if not (of_result and key == "name"):
                yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))
    elif value not in (None, ""):
        yield path, value


def _greeting(place: str) -> dict[str, Any]:
    return {"role": "user", "parts" if place == "contents" else "content": [{"text": "Hi"}]}


def _single(item: Any) -> Iterator[Any]:
    """A message with one of its parts at a time."""
    lists = [
        key
        for key, value in (item.items() if isinstance(item, dict) else ())
        if isinstance(value, list) and len(value) > 1
    ]
    if not lists:
        yield item
    for key in lists:
        alone = {other: item[other][:1] for other in lists if other != key}
        for one in item[key]:
            yield {**item, **alone, key: [one]}


def _usual(path: Path, value: Any) -> bool:
    if path[-2:] in NAMED_BY or path[-2:-1] in ORDERS:
        return True
    return path[-1] in SHAPE | BOOKKEEPING or value in {ENCRYPTED, SEARCH}


def _accounted(body: Any, path: Path, value: Any, told: Any, convert: Converts) -> bool:
    if convert(_with(body, path, _other(value))) != told:
        return True
    around = [path[:end] for end in range(len(path), 0, -1)]
    return any(_is_told(body, place, told, convert) for place in around)


def _is_told(body: Any, path: Path, told: Any, convert: Converts) -> bool:
    """Whether a loss goes with what stands at a place, and nothing of it arrives."""
    gone = set(told[1]) - set(convert(_without(body, path))[1])
    if gone & TAKEN_APART:
        return True
    return any(not code.startswith("+") for code in gone) and _is_opaque(body, path, told, convert)


def _is_opaque(body: Any, path: Path, told: Any, convert: Converts) -> bool:
    """Whether nothing arrives of what stands at a place."""
    inside = [
        (inner, value)
        for inner, value in leaves(body)
        if inner[: len(path)] == path and not _usual(inner, value)
    ]
    return all(convert(_with(body, inner, _other(value))) == told for inner, value in inside)


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case str():
            return f"{value}x"
        case _:
            return value * 2 + 3


def _with(body: Any, path: Path, value: Any) -> Any:
    """The same with another value at a place."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(body, dict):
        return {**body, first: _with(body[first], rest, value)}
    assert isinstance(first, int)
    return [*body[:first], _with(body[first], rest, value), *body[first + 1 :]]


def _without(body: Any, path: Path) -> Any:
    """The same without what stands at a place."""
    first, rest = path[0], path[1:]
    if isinstance(body, dict):
        kept = {key: value for key, value in body.items() if key != first}
        return kept if not rest else {**body, first: _without(body[first], rest)}
    assert isinstance(first, int)
    middle = [_without(body[first], rest)] if rest else []
    return [*body[:first], *middle, *body[first + 1 :]]
