"""YAML that other tools wrote, read member by member.

What may stand in it is what is data: anchors and aliases within bounds, and text or bytes by the
tags `!!str`, `!!binary`, those that Python 2 wrote for text, and the one of aiohttp's header names.
A tag that names anything else is refused, with its line, before it means anything. Plain scalars
have the meaning that YAML 1.1 gives them (https://yaml.org/type/), as far as JSON has it: what it
takes for text, as `1e5`, is written unquoted by other tools.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterator
from typing import Any, Final

import yaml
from yaml.events import MappingEndEvent, SequenceEndEvent, SequenceStartEvent

from pytest_llmreplay.errors import CassetteDamaged
from pytest_llmreplay.event import Json

from .builder import Builder, damaged
from .reader import loader_for, refused

__all__ = ["foreign_members"]

_TEXT: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "python/unicode", "python/str")
)
_BINARY: Final = frozenset(["tag:yaml.org,2002:binary", "!binary"])
"""The second as Ruby writes it."""
_HEADER_NAME: Final = frozenset(
    f"tag:yaml.org,2002:python/object/{how}:multidict._multidict{module}.istr"
    for how in ("apply", "new")
    for module in ("", "_py")
)
"""Text in a list of its own: how vcrpy writes names of headers that aiohttp sent."""
_SCALARS: Final = _TEXT | _BINARY
_ENDS: Final = frozenset([MappingEndEvent, SequenceEndEvent])
_WORDS: Final = {
    spelt: value
    for words, value in (("~ null", None), ("true yes on", True), ("false no off", False))
    for word in words.split()
    for spelt in (word, word.capitalize(), word.upper())
}
_NO_FLOAT: Final = re.compile(r"-?[0-9]+(?:[eE][-+]?[0-9]+|\.[0-9]+[eE][0-9]+)")
"""A number of JSON that YAML 1.1 takes for text: an exponent needs a fraction and a sign."""
_IN_LIST: Final = 3
"""Open collections beside a member: what holds the root, the root, its list."""
_MOST_REPEATED: Final = 100_000
"""Values that all aliases of a file together may stand for."""


def foreign_members(text: str, keys: Collection[str]) -> Iterator[tuple[str, int, Any]]:
    """The members of the lists under top-level keys, each with its key and line, as they are read.

    A member is JSON in which bytes may stand too. Where the keys are missing there are none.

    Raises:
        CassetteDamaged: The text is no YAML, or holds what is refused; with the line. The
            members before that place have been given.
    """
    try:
        yield from _Foreign().members(text, keys)
    except yaml.reader.ReaderError as problem:
        raise _unreadable(problem, text) from problem
    except yaml.YAMLError as problem:
        raise refused(problem) from problem


def _unreadable(problem: yaml.reader.ReaderError, text: str) -> CassetteDamaged:
    line = text.count("\n", 0, text.find(chr(problem.character))) + 1
    return CassetteDamaged(
        f"raw character U+{problem.character:04X}, which YAML has not", line=line
    )


class _Foreign(Builder):
    """Builds values with bytes and aliases; gives the members of one list away."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        """Values so far, with those that aliases stand for."""
        self._repeated = 0
        self._line = 1
        """Where the collection begins that was closed last."""
        self._anchors: dict[str, tuple[Any, int]] = {}
        """What an anchor names, and how many values that is."""
        self._begun: list[tuple[Any, int]] = []
        """For each collection in the stack the event it began with, and the count before it."""

    def members(self, text: str, keys: Collection[str]) -> Iterator[tuple[str, int, Any]]:
        event: Any
        for event in yaml.parse(text, Loader=loader_for(text)):
            self.take(event)
            if len(self.stack) == _IN_LIST and (found := self._list(keys)):
                key, members = found
                whole = event.__class__ in _ENDS
                yield key, self._line if whole else event.start_mark.line + 1, members.pop()

    def _list(self, keys: Collection[str]) -> tuple[str, list[Json]] | None:
        """The list of a key, where it is the innermost collection that is open and has a member."""
        root, inner = self.stack[1:]
        if not isinstance(root, dict) or not isinstance(inner, list) or not inner:
            return None
        return next(((key, inner) for key in keys if root.get(key) is inner), None)

    def check_properties(self, event: Any) -> None:
        self._count += 1
        known = _HEADER_NAME if event.__class__ is SequenceStartEvent else _SCALARS
        if event.tag is not None and event.tag not in known:
            raise damaged(f"the tag {event.tag!r} names no plain data", event)

    def value_of(self, event: Any) -> Json:
        value: Any
        if event.tag in _BINARY:
            value = _bytes(event)
        elif event.tag is not None or (not event.style and _NO_FLOAT.fullmatch(event.value)):
            value = event.value
        elif not event.style and event.value in _WORDS:
            value = _WORDS[event.value]
        else:
            value = super().value_of(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, 1
        return value  # type: ignore[no-any-return]  # bytes may stand here, as members says

    def open(self, value: list[Json] | dict[str, Json], event: Any) -> None:
        if event.tag is None:
            super().open(value, event)
        else:
            self.enter(value, event)  # a header's name, which may be a key, is put when it ends
        self._begun.append((event, self._count))

    def close(self) -> list[Json] | dict[str, Json]:
        whole = super().close()
        event, before = self._begun.pop()
        self._line = event.start_mark.line + 1
        value: Any = whole
        if event.tag is not None:
            value = _header_name(whole, event)
            self.put(value, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, self._count - before + 1
        return whole

    def alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise damaged(f"the alias {event.anchor!r} stands for nothing before it", event)
        value, size = self._anchors[event.anchor]
        self._count += size
        self._repeated += size
        if self._repeated > _MOST_REPEATED:
            raise damaged(f"aliases stand for more than {_MOST_REPEATED:,} values", event)
        if isinstance(value, str):
            self.put(value, event)
        else:
            self.add(value, event)


def _header_name(value: list[Json] | dict[str, Json], event: Any) -> str:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return value[0]
    raise damaged("the name of a header is one text", event)


def _bytes(event: Any) -> bytes:
    try:
        return base64.b64decode("".join(event.value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise damaged("`!!binary` is no base64", event) from None
