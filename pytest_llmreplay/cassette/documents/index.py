"""Where the documents of a cassette are, found without a YAML parser.

One pass over the bytes: a document begins at `---` in column 0 and nowhere else, its match key
stands in that line, its number in the next, and `...` closes it. So opening a cassette of 5,000
events costs milliseconds, and a file cut off in the middle of a write is told from a whole one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from pytest_llmreplay.cassette.yaml_text.scan import CONFLICT, CONFLICT_ADVICE
from pytest_llmreplay.errors import CassetteDamaged

__all__ = ["CassetteIndex", "Slot"]

_START = re.compile(
    rb"""
    \n---(?=[ \t\r\n]|\Z)
    (?:\ \#\ (?:key\ ([\w.-]+:[0-9a-f]{16})|accepted\ ([0-9]{1,18})\ [^\r\n]*)[ \t]*(?=\r?\n))?
    (?:\r?\nevent:\ ([1-9][0-9]{0,17})(?=\r?\n))?
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(rb"^(event|accepted):[ \t]+([0-9]{1,18})[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_NOTHING = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*)?(?:\n|\Z))*")
_CLOSED = re.compile(rb"^\.\.\.[ \t\r]*(?:#.*)?(?:\n[ \t\r]*(?:#.*)?)*\Z", re.MULTILINE)
_PLAIN_START = (b"--- #", b"---\n", b"---\r")
_ODD_KEY = re.compile(rb'\n["?{]')
"""How a line begins whose key may be spelt with escapes, or stand further behind."""
_CONFLICT = b"\n<<<<<<<"
_BOM = b"\xef\xbb\xbf"
_ENDS = (b"\n...\n", b"\n...\r\n")


class Slot(NamedTuple):
    """The place of one document in the bytes of a cassette."""

    start: int
    end: int
    number: int
    """Number of the event, or of the event that an accepted answer belongs to."""
    key: str | None = None
    """Rules fingerprint and match key of an event, as the file caches them."""


@dataclass(frozen=True, kw_only=True)
class CassetteIndex:
    """The documents of a cassette, in the order of the file."""

    data: bytes = field(repr=False)
    header_start: int
    header_end: int
    events: tuple[Slot, ...]
    accepted: tuple[Slot, ...]
    places: Mapping[int, int]
    """Number of an event → its place in `events`."""

    @classmethod
    def of(cls, data: bytes) -> CassetteIndex:
        """Index the bytes of a cassette; whether its first document is a header, tells `header`.

        Raises:
            CassetteDamaged: With the line; the file is empty, torn, or numbers an event twice, or
                a merge conflict was left in it.
        """
        if _CONFLICT[1:] in data[: len(_CONFLICT)] or _CONFLICT in data:
            _refuse_conflict(data)
        return cls._of(data)

    @classmethod
    def _of(cls, data: bytes) -> CassetteIndex:
        begin = len(_BOM) if data.startswith(_BOM) else 0
        if _NOTHING.fullmatch(data, begin):
            raise CassetteDamaged(
                "the cassette is empty; restore it from version control, "
                "or delete it and record the test again"
            )
        if data.startswith((b"--- # key", b"--- # accepted"), begin):
            raise CassetteDamaged(
                "no header; a cassette begins with `cassette: 1`. Restore the first lines from "
                "version control, or delete the file and record the test again",
                line=1,
            )
        found = list(_START.finditer(data, begin))
        if found and _NOTHING.fullmatch(data, begin, found[0].start()):
            begin = found.pop(0).start() + 1  # only comments stand above the `---` of the header
        events, accepted = _slots(data, found)
        return cls(
            data=data,
            header_start=begin,
            header_end=found[0].start() + 1 if found else len(data),
            events=tuple(events),
            accepted=tuple(accepted),
            places=_places(data, events),
        )

    @property
    def header_text(self) -> str:
        """The header document."""
        return self.decoded(self.header_start, self.header_end)

    def decoded(self, start: int, end: int) -> str:
        """A part of the file as text with plain line feeds."""
        try:
            text = self.data[start:end].decode()
        except UnicodeDecodeError as problem:
            line = self.line(start + problem.start)
            raise CassetteDamaged("not UTF-8; a cassette is text", line=line) from problem
        return text.replace("\r\n", "\n") if "\r" in text else text

    def line(self, at: int) -> int:
        """Line of the file at an offset, counted from 1."""
        if at < self.header_end:
            return _line(self.data, at)
        place = bisect_right(self._lines, at, key=itemgetter(0)) - 1
        start, line = self._lines[place]
        return line + self.data.count(b"\n", start, at)

    @cached_property
    def _lines(self) -> list[tuple[int, int]]:
        """Offset and line of the beginning, and of each event: thousands of them may be told."""
        lines = [(0, 1)]
        for slot in self.events:
            before, line = lines[-1]
            lines.append((slot.start, line + self.data.count(b"\n", before, slot.start)))
        return lines

    def may_have(self, key: bytes) -> bool:
        """Whether an event could have a key; cheap, and never wrong when it says no."""
        data, behind = self.data, self.header_end
        if data.find(key, behind) >= 0 or _ODD_KEY.search(data, behind):
            return True
        return not all(data.startswith(_PLAIN_START, slot.start) for slot in self.events)

    def by_key(self) -> dict[str, list[int]]:
        """Match key → places in `events`, in the order of the file."""
        places: dict[str, list[int]] = {}
        for place, slot in enumerate(self.events):
            if slot.key is not None:
                places.setdefault(slot.key, []).append(place)
        return places


def _refuse_conflict(data: bytes) -> None:
    text = data.decode(errors="replace").replace("\r\n", "\n")
    if conflict := CONFLICT.search(text):
        line = text.count("\n", 0, conflict.start()) + 1
        advice = f"{CONFLICT_ADVICE}, or delete it and record the test again"
        raise CassetteDamaged(advice, line=line)


def _slots(data: bytes, found: list[re.Match[bytes]]) -> tuple[list[Slot], list[Slot]]:
    events: list[Slot] = []
    accepted: list[Slot] = []
    ends = [title.start() + 1 for title in found[1:]] + [len(data)]
    for title, end in zip(found, ends, strict=False):
        start = title.start() + 1
        if not data[end - 6 : end].endswith(_ENDS):
            _check_closed(data, start, end)
        key, belongs_to, number = title.groups()
        if number is not None and belongs_to is None:
            events.append(Slot(start, end, int(number), _text(key)))
        elif belongs_to is not None:
            accepted.append(Slot(start, end, int(belongs_to)))
        else:
            kind, number = _number(data, start, end)
            slot = Slot(start, end, int(number), _text(key))
            (events if kind == b"event" else accepted).append(slot)
    return events, accepted


def _number(data: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    """The number of a document that was written by hand in another order."""
    found = _NUMBER.search(data, start, end)
    if found is None:
        raise CassetteDamaged(
            "a document without a number; its first line is `event: N`", line=_line(data, start)
        )
    return found[1], found[2]


def _text(key: bytes | None) -> str | None:
    return None if key is None else key.decode()


def _check_closed(data: bytes, start: int, end: int) -> None:
    if _CLOSED.search(data, start, end):
        return
    if end == len(data):
        problem = (
            "the last document is torn: no `...` closes it. Delete it from this line to the end"
        )
    else:
        problem = "no `...` closes this document. Put one before the next `---`"
    advice = f"{problem}, restore the file from version control, or record the test again"
    raise CassetteDamaged(advice, line=_line(data, start))


def _places(data: bytes, events: list[Slot]) -> dict[int, int]:
    places: dict[int, int] = {}
    for place, slot in enumerate(events):
        if slot.number in places:
            free = max(event.number for event in events) + 1
            problem = (
                f"a second event {slot.number}; each has a number of its own. Where a merge kept "
                f"both, number this one {free}, or restore one side from version control, "
                "and record the test again"
            )
            raise CassetteDamaged(problem, line=_line(data, slot.start) + 1)
        places[slot.number] = place
    return places


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
