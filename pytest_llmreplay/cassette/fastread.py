"""The fast way to read what our own emitter wrote.

A played-back call may cost some 25 µs, and a general YAML parser takes ten times that. This reader
knows only the lines that emitter.py writes; anything else raises NotCanonical, and reader.py, which
decides, reads the document instead. Lines recur in a cassette (`  object: chat.completion`), so a
line is understood once and then looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeAlias

from pytest_llmreplay.event import Json

from .characters import BREAKING
from .reader import WORDS, number

__all__ = ["NotCanonical", "block_text", "our_text", "read", "value_beside"]

DEPTH = 100  # in blocks, and as much again on one line: never more than reader.py reads
REMEMBERED_LINES = 4096
REMEMBERED_LENGTH = 100

_Line: TypeAlias = tuple[int, int, str | None, Any, Any]
"""Column, dashes, key, how the value comes about, and from what."""

_ORDINARY = bytes([9, 10, *range(32, 127)])
_NOT_PLAIN = frozenset("-?:,[]{}#&*!|>'\"%@` ")
_LINE = re.compile(
    r"""(\ *)((?:-\ )*)
    (?:([^\W\d][\w.$/\#-]*|\$\w+|'[^']*+(?:''[^']*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"):(?:\ |\Z))?
    (.*)""",
    re.VERBOSE,
)
_SINGLE = re.compile(r"'([^']*+(?:''[^']*+)*+)'")
_DOUBLE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
_MAYBE_JSON = frozenset("-0123456789ntf")
_OTHER_STYLES = frozenset("{[|'\"")
_KEY = re.compile(r"[^\W\d][\w.$/#-]*|\$\w+")
_NESTED = re.compile(r"[][{}'\"]")
_FLOW_PLAIN = re.compile(r"(?:[^][{},:?]|:(?![][{},\s]|\Z))+")
_HEADERS = frozenset(f"|{said}{chomping}" for said in ("", "2") for chomping in ("", "-", "+"))
_INFINITE = (float("inf"), float("-inf"))

_seen: dict[str, _Line] = {}


class NotCanonical(Exception):
    """The text is not as our emitter writes; reader.py must read it."""


def _below(_: None) -> None:
    """Marks a key whose value begins on the next line."""


def read(text: str) -> Json:
    """The value of lines that our emitter wrote: a collection beginning in column 0.

    Raises:
        NotCanonical: The lines are valid YAML at most, but not ours.
    """
    _refuse_breaking(text)
    lines = text.removesuffix("\n").split("\n")
    places: list[tuple[int, Any]] = []
    around: Any = None
    column, awaited, at = -1, None, 0
    while at < len(lines):
        indent, dashes, key, how, value = _seen.get(lines[at]) or _learn(lines[at])
        at += 1
        if dashes or indent != column or around.__class__ is list:
            column, around = _enter(places, awaited, indent, dashes, key)
            awaited = None
        if how is _below:
            awaited, column = key, -1
        elif how is _block:
            value, at = _block(lines, at, column + 2, value)
        elif how is not None:
            value = how(value)
        if key is None:
            around.append(value)
        elif key in around:
            raise NotCanonical
        else:
            around[key] = value
    if awaited is not None:
        raise NotCanonical
    return places[0][1]  # type: ignore[no-any-return]  # a collection, built by _enter


def our_text(lines: bytes) -> str:
    """Bytes of our own lines as text.

    Raises:
        NotCanonical: They hold what no document may hold.
        UnicodeDecodeError: They are no text.
    """
    unusual = lines.translate(None, _ORDINARY)
    if unusual and BREAKING.search(unusual.decode()):
        raise NotCanonical
    return lines.decode()


def value_beside(text: str) -> Json:
    """The value that stands beside a key, to the end of the line; no block.

    Raises:
        NotCanonical: The text is none that our emitter writes there.
    """
    if text[0] in "{[":
        value: Json = _collection(text)
        return value
    return _quoted(text) if text[0] in "'\"" else _plain(text)


def block_text(text: str, header: str) -> str:
    """The text of a literal block.

    Args:
        text: Its lines without their indentation; none of those below it.
        header: What stands beside its key.

    Raises:
        NotCanonical: Our emitter writes no such block.
    """
    if header not in _HEADERS or not text or (text[0] in " \n" and "2" not in header):
        raise NotCanonical
    if header[-1] == "+":
        return text + "\n"
    text = text.rstrip("\n")
    return text if header[-1] == "-" else text + "\n"


def _refuse_breaking(text: str) -> None:
    if text.isascii():
        if text.encode("ascii").translate(None, _ORDINARY):
            raise NotCanonical
    elif BREAKING.search(text):
        raise NotCanonical


def _enter(
    places: list[tuple[int, Any]], awaited: str | None, indent: int, dashes: int, key: str | None
) -> tuple[int, Any]:
    """The collection that a line adds to, with its column; opened where it begins here."""
    if not places or awaited is not None:
        _begin(places, awaited, indent, [] if dashes else {})
    else:
        _return_to(places, indent, list if dashes else dict)
    for dash in range(1, dashes + (key is not None)):
        inner: Any = [] if dash < dashes else {}
        places[-1][1].append(inner)
        places.append((indent + 2 * dash, inner))
    if len(places) > DEPTH:
        raise NotCanonical
    return places[-1]


def _begin(places: list[tuple[int, Any]], awaited: str | None, indent: int, inner: Any) -> None:
    """Open the collection that begins below a key, or the outermost one."""
    column = 0
    if places:
        column, around = places[-1]
        column += 0 if inner.__class__ is list else 2
        around[awaited] = inner
    if indent != column:
        raise NotCanonical
    places.append((column, inner))


def _return_to(places: list[tuple[int, Any]], indent: int, kind: type) -> None:
    """Close collections until the one of this kind in this column is the innermost."""
    while places and (places[-1][0] > indent or places[-1][1].__class__ is not kind):
        places.pop()
    if not places or places[-1][0] != indent:
        raise NotCanonical


def _learn(line: str) -> _Line:
    """Understand a line, and remember it where it is short."""
    found = _LINE.fullmatch(line)
    assert found is not None  # any line is: all parts are optional
    blanks, dashes, name, rest = found.groups()
    if name is None and (not dashes or not rest):
        raise NotCanonical
    if name is not None and name[0] in "'\"":
        name = _quoted(name)
    if not rest:
        how, value = _below, None
    elif rest[0] in _OTHER_STYLES:
        how, value = _styled(rest)
    else:
        how, value = None, _plain(rest)
    token = (len(blanks), len(dashes) // 2, name, how, value)
    if len(line) <= REMEMBERED_LENGTH:
        if len(_seen) >= REMEMBERED_LINES:
            _seen.clear()
        _seen[line] = token
    return token


def _styled(rest: str) -> tuple[Any, Any]:
    """How a value that is quoted, a block or a collection comes about, and from what."""
    if rest[0] in "{[":
        return _flow(rest)
    if rest[0] == "|":
        return _block, rest
    return None, _quoted(rest)


def _plain(text: str) -> Json:
    if text[0] in _MAYBE_JSON:
        if text in WORDS:
            return WORDS[text]
        try:
            plain = number(text)
        except ValueError:  # more digits than Python reads
            raise NotCanonical from None
        if plain is not None:
            return _finite(plain)
    if text[0] in _NOT_PLAIN or text[-1] in ": " or "\t" in text or ": " in text:
        raise NotCanonical
    if "#" in text and " #" in text:  # one character is found at once, two are looked for
        raise NotCanonical
    return text


def _finite(plain: float) -> int | float:
    if plain in _INFINITE:
        raise NotCanonical
    return plain


def _quoted(text: str) -> str:
    if text[0] == '"':
        if not _DOUBLE.fullmatch(text):
            raise NotCanonical
        try:
            value: str = json.loads(text)
        except ValueError:
            raise NotCanonical from None
        return value
    found = _SINGLE.fullmatch(text)
    if found is None or "\t" in text:
        raise NotCanonical
    return found[1].replace("''", "'")


def _block(lines: list[str], at: int, indent: int, header: str) -> tuple[str, int]:
    """The text of a literal block that begins with line `at`, and the line after it."""
    pad = " " * indent
    first = at
    while at < len(lines) and (not lines[at] or lines[at].startswith(pad)):
        at += 1
    return block_text("\n".join([line[indent:] for line in lines[first:at]]), header), at


def _flow(text: str) -> tuple[Any, Any]:
    """A collection on one line: how to make a new one of it each time, and from what."""
    if text[0] == "{" and len(text) > 2 and not _NESTED.search(text, 1, len(text) - 1):  # noqa: PLR2004
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


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise NotCanonical
    return value


def _no_constant(_: str) -> None:
    raise NotCanonical


_json = json.JSONDecoder(
    object_pairs_hook=_once,
    parse_constant=_no_constant,
    parse_float=lambda told: _finite(float(told)),
).decode


def _pairs(text: str) -> dict[str, Json]:
    """A mapping of plain scalars: nearly every one that stands on one line."""
    value: dict[str, Json] = {}
    if text[-1] != "}":
        raise NotCanonical
    for pair in text[1:-1].split(", "):
        key, colon, rest = pair.partition(": ")
        if not colon or key in value or not _KEY.fullmatch(key) or not _FLOW_PLAIN.fullmatch(rest):
            raise NotCanonical
        value[key] = _plain(rest)
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
            key = self._key()
            if key in value:
                raise NotCanonical
            value[key] = self._value()
        return value

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
        is_quoted = self.text[self.at : self.at + 1] in {"'", '"'}
        key = self._quoted() if is_quoted else self._bare()
        self._expect(": ")
        return key

    def _quoted(self) -> str:
        pattern = _SINGLE if self.text[self.at] == "'" else _DOUBLE
        return _quoted(self._take(pattern))

    def _bare(self) -> str:
        text = self._take(_FLOW_PLAIN)
        if text[0] in _NOT_PLAIN or text[-1] == " " or " #" in text:
            raise NotCanonical
        return text

    def _plain(self) -> Json:
        return _plain(self._take(_FLOW_PLAIN))

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
