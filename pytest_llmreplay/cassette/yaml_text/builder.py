"""A value, put together from what the YAML parser reports.

What JSON does not know is refused here once more, with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Json

from .scan import MAX_DEPTH, PROPERTIES

__all__ = ["WORDS", "Builder", "damaged", "number"]

WORDS: dict[str, bool | None] = {"null": None, "true": True, "false": False, "": None}

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_DIGITS = frozenset("-0123456789")
_INFINITE = (float("inf"), float("-inf"))
_HALF = re.compile("[\ud800-\udfff]")
_NO_KEY = object()
_SHOWN = 20
"""Characters of a number that are told."""


def number(text: str) -> int | float | None:
    """The JSON number that the whole text is, or none."""
    found = _NUMBER.fullmatch(text) if text[:1] in _DIGITS else None
    if found is None:
        return None
    return int(text) if found.lastindex is None else float(text)


class Builder:
    """Puts a value together from the parser's events, without recursion."""

    def __init__(self) -> None:
        self.stack: list[list[Json] | dict[str, Json]] = [[]]
        self.keys: list[Any] = []
        """For each mapping in the stack the key that waits for its value."""
        self.documents = 0

    def build(self, events: Iterable[Any]) -> Json:
        """The value that all these events make."""
        for event in events:
            self.take(event)
        root = self.stack[0]
        return root[0] if isinstance(root, list) and root else None

    def take(self, event: Any) -> None:
        """Add what one event of the YAML parser brings."""
        kind = event.__class__
        if kind is ScalarEvent:
            self.check_properties(event)
            self._scalar(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self.check_properties(event)
            self.open([] if kind is SequenceStartEvent else {}, event)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            self.close()
        elif kind is AliasEvent:
            self.alias(event)
        elif kind is DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                raise damaged("a second document begins inside this one", event)

    def alias(self, event: Any) -> None:
        """Refuse an alias: a cassette has none."""
        raise damaged(PROPERTIES["*"], event)

    def check_properties(self, event: Any) -> None:
        """Refuse an anchor or a tag."""
        if event.anchor is not None:
            raise damaged(PROPERTIES["&"], event)
        if event.tag is not None:
            raise damaged(PROPERTIES["!"], event)

    def value_of(self, event: Any) -> Json:
        """What a scalar means that is no key."""
        return _value(event)

    def _scalar(self, event: Any) -> None:
        if isinstance(self.stack[-1], dict) and self.keys[-1] is _NO_KEY:
            self.put(_text(event), event)
        else:
            self.add(self.value_of(event), event)

    def put(self, text: str, event: Any) -> None:
        """Put a text where it belongs, be it a key."""
        around = self.stack[-1]
        if isinstance(around, list) or self.keys[-1] is not _NO_KEY:
            self.add(text, event)
        elif text in around:
            raise damaged(f"key {text!r} stands twice in one mapping", event)
        else:
            self.keys[-1] = text

    def open(self, value: list[Json] | dict[str, Json], event: Any) -> None:
        """A list or a mapping begins."""
        self.add(value, event)
        self.enter(value, event)

    def enter(self, value: list[Json] | dict[str, Json], event: Any) -> None:
        """What follows belongs into this list or mapping."""
        self.stack.append(value)
        if isinstance(value, dict):
            self.keys.append(_NO_KEY)
        if len(self.stack) > MAX_DEPTH + 1:
            raise damaged(f"values are nested more than {MAX_DEPTH} deep", event)

    def close(self) -> list[Json] | dict[str, Json]:
        """The innermost list or mapping ends."""
        value = self.stack.pop()
        if isinstance(value, dict):
            self.keys.pop()
        return value

    def add(self, value: Json, event: Any) -> None:
        """Put a value where it belongs."""
        around = self.stack[-1]
        if isinstance(around, list):
            around.append(value)
        elif self.keys[-1] is _NO_KEY:
            raise damaged("the key of a mapping must be text", event)
        else:
            around[self.keys[-1]] = value
            self.keys[-1] = _NO_KEY


def _value(event: Any) -> Json:
    text: str = event.value
    if event.style:  # quotes, | and > make text of anything; plain is None or ''
        return _text(event)
    if text in WORDS:
        return WORDS[text]
    try:
        plain = number(text)
    except ValueError:
        raise damaged(
            "a number of more digits than Python reads; write it in quotes", event
        ) from None
    if plain is None:
        return text
    if plain in _INFINITE:
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        raise damaged(f"the number {shown} is too large; write it in quotes", event)
    return plain


def _text(event: Any) -> str:
    r"""Text; halves of a pair written as two escapes (`\ud83d\ude00`) become one character."""
    text: str = event.value
    if event.style != '"' or text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def damaged(problem: str, event: Any) -> CassetteDamaged:
    """A problem at the place of an event."""
    return CassetteDamaged(problem, line=event.start_mark.line + 1)
