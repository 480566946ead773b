"""Collections on one line as our own emitter writes them, read without a YAML parser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pytest_llmreplay.event import Json

from .fast_scalar import DOUBLE, NOT_PLAIN, SINGLE, NotCanonical, finite, plain, quoted
from .scan import LONGEST_KEY

__all__ = ["DEPTH", "flow", "value_beside"]

DEPTH = 100  # in blocks, and as much again on one line: never more than reader.py reads
_KEY = re.compile(r"[^\W\d][\w.$/#-]*|\$\w+")
_NESTED = re.compile(r"[][{}'\"]")
_FLOW_PLAIN = re.compile(r"(?:[^][{},:?]|:(?![][{},\s]|\Z))+")
_MEMBER = re.compile(rf"({_KEY.pattern}): ({SINGLE.pattern}|(?!['\"]){_FLOW_PLAIN.pattern})")
"""A key without quotes and a scalar beside it."""


def value_beside(text: str) -> Json:
    """The value that stands beside a key, to the end of the line; no block.

    Raises:
        NotCanonical: The text is none that our emitter writes there.
    """
    if text[0] in "{[":
        value: Json = _collection(text)
        return value
    return quoted(text) if text[0] in "'\"" else plain(text)


def flow(text: str) -> tuple[Any, Any]:
    """A collection on one line: how to make a new one of it each time, and from what."""
    if text[0] == "{" and len(text) > 2 and not _NESTED.search(text, 1, len(text) - 1):  # noqa: PLR2004 - not {}
        return dict.copy, _pairs(text)
    value = _collection(text)
    members = value.values() if isinstance(value, dict) else value
    if any(isinstance(element, dict | list) for element in members):
        return json.loads, json.dumps(value)
    return value.__class__.copy, value


def _collection(text: str) -> Any:
    """The collection that stands on one line."""
    if text.count("{") + text.count("[") > DEPTH:
        raise NotCanonical
    if text[1:2] in '"[{':  # also ours: JSON on one line, far in
        with suppress(ValueError):
            return _json(text)
    return _Flow(text).read()


_LONGEST_JSON_KEY = LONGEST_KEY // len(r"\ud83d\ude00")
"""Characters of a key that is short enough however it is escaped."""


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs) or any(len(key) > _LONGEST_JSON_KEY for key in value):
        raise NotCanonical
    return value


def _no_constant(_: str) -> None:
    raise NotCanonical


_json = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_no_constant,
    parse_float=lambda told: finite(float(told)),
).decode


def _pairs(text: str) -> dict[str, Json]:
    """A mapping of plain scalars: nearly every one that stands on one line."""
    value: dict[str, Json] = {}
    if text[-1] != "}":
        raise NotCanonical
    for pair in text[1:-1].split(", "):
        key, colon, rest = pair.partition(": ")
        if not colon or key in value or len(key) > LONGEST_KEY:
            raise NotCanonical
        if not _KEY.fullmatch(key) or not _FLOW_PLAIN.fullmatch(rest):
            raise NotCanonical
        value[key] = plain(rest)
    return value


class _Flow:
    """Reads one `{…}` or `[…]` as the emitter writes it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> Any:
        value = self._value()
        if self.at != len(self.text) or "\t" in self.text:
            raise NotCanonical
        return value

    def _value(self) -> Json:
        first = self.text[self.at : self.at + 1]
        if first == "{":
            return self._mapping()
        if first == "[":
            return self._list()
        return self._quoted() if first in {"'", '"'} else self._plain()

    def _mapping(self) -> Json:
        value: dict[str, Json] = {}
        for _ in self._members("}"):
            found = _MEMBER.match(self.text, self.at)
            key = self._key() if found is None else found[1]
            if key in value or len(key) > LONGEST_KEY:
                raise NotCanonical
            value[key] = self._value() if found is None else self._scalar(found)
        return value

    def _scalar(self, found: re.Match[str]) -> Json:
        self.at = found.end()
        return plain(found[2]) if found[3] is None else found[3].replace("''", "'")

    def _list(self) -> Json:
        return [self._value() for _ in self._members("]")]

    def _members(self, closing: str) -> Iterator[None]:
        """One turn per member, with `at` where it begins; steps over brackets and commas."""
        self.at += 1
        if not self._skip(closing):
            yield
            while self._skip(", "):
                yield
            self._expect(closing)

    def _key(self) -> str:
        begin = self.at
        is_quoted = self.text[begin : begin + 1] in {"'", '"'}
        key = self._quoted() if is_quoted else self._bare()
        if self.at - begin > LONGEST_KEY:
            raise NotCanonical
        self._expect(": ")
        return key

    def _quoted(self) -> str:
        pattern = SINGLE if self.text[self.at] == "'" else DOUBLE
        return quoted(self._take(pattern))

    def _bare(self) -> str:
        text = self._take(_FLOW_PLAIN)
        if text[0] in NOT_PLAIN or text[-1] == " " or " #" in text:
            raise NotCanonical
        return text

    def _plain(self) -> Json:
        return plain(self._take(_FLOW_PLAIN))

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise NotCanonical
        self.at = found.end()
        return found[0]

    def _skip(self, text: str) -> bool:
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            raise NotCanonical
