"""The fast way to read what our own emitter wrote.

A played-back call may cost some 25 µs, and a general YAML parser takes ten times that. This reader
knows only the lines that emitter.py writes; anything else raises NotCanonical, and reader.py, which
decides, reads the document instead. Lines recur in a cassette (`  object: chat.completion`), so a
line is understood once and then looked up.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from pytest_llmreplay.event import Json

from .characters import BREAKING, ORDINARY
from .fast_flow import DEPTH, flow, value_beside
from .fast_scalar import NotCanonical, block_text, plain, quoted
from .scan import LONGEST_KEY

__all__ = ["our_text", "read"]

REMEMBERED_LINES = 4096
REMEMBERED_LENGTH = 100

_Line: TypeAlias = tuple[int, int, str | None, Any, Any]
"""Column, dashes, key, how the value comes about, and from what."""

_LINE = re.compile(
    r"""(\ *)((?:-\ )*)
    (?:([^\W\d][\w.$/\#-]*|\$\w+|'[^']*+(?:''[^']*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"):(?:\ |\Z))?
    (.*)""",
    re.VERBOSE,
)
_OTHER_STYLES = frozenset("{[|'\"")

_seen: dict[str, _Line] = {}


def _below(_: None) -> None:
    """Marks a key whose value begins on the next line."""


def read(text: str) -> Json:
    """The value of lines that our emitter wrote: a collection beginning in column 0.

    Raises:
        NotCanonical: The lines are valid YAML at most, but not ours.
    """
    _refuse_breaking(text)
    *lines, rest = text.split("\n")
    if rest or not lines:
        raise NotCanonical
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
    unusual = lines.translate(None, ORDINARY)
    if unusual and BREAKING.search(unusual.decode()):
        raise NotCanonical
    return lines.decode()


def _refuse_breaking(text: str) -> None:
    if text.isascii():
        if text.encode("ascii").translate(None, ORDINARY):
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
    if (not dashes or not rest) if name is None else len(name) > LONGEST_KEY:
        raise NotCanonical
    if name is not None and name[0] in "'\"":
        name = quoted(name)
    if not rest:
        how, value = _below, None
    elif rest[0] in "{[" and len(line) > REMEMBERED_LENGTH:
        how, value = None, value_beside(rest)
    elif rest[0] in _OTHER_STYLES:
        how, value = _styled(rest)
    else:
        how, value = None, plain(rest)
    token = (len(blanks), len(dashes) // 2, name, how, value)
    if len(line) <= REMEMBERED_LENGTH:
        if len(_seen) >= REMEMBERED_LINES:
            _seen.clear()
        _seen[line] = token
    return token


def _styled(rest: str) -> tuple[Any, Any]:
    """How a value that is quoted, a block or a collection comes about, and from what."""
    if rest[0] in "{[":
        return flow(rest)
    if rest[0] == "|":
        return _block, rest
    return None, quoted(rest)


def _block(lines: list[str], at: int, indent: int, header: str) -> tuple[str, int]:
    """The text of a literal block that begins with line `at`, and the line after it."""
    pad = " " * indent
    first = at
    while at < len(lines) and (not lines[at] or lines[at].startswith(pad)):
        at += 1
    return block_text("\n".join([line[indent:] for line in lines[first:at]]), header), at
