"""The statements of a Postgres dump, told apart as text; none of them is ever run.

https://www.postgresql.org/docs/current/app-pgdump.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pytest_llmreplay.errors import InputUnreadable
from pytest_llmreplay.importers.reading.files import LONGEST_LINE

__all__ = ["COPY", "Statement", "statements"]

COPY = re.compile(
    r"COPY\s+(?P<table>\S+)\s*(?:\((?P<columns>[^)]*)\))?\s*FROM\s+stdin\b", re.IGNORECASE
)
_TOKEN = re.compile(r"[eE]?'|\"|--|;|\$[A-Za-z_]*\$")
_ESCAPED_END = re.compile(r"\\.|'")
"""Where a text with C's escapes ends, or what is no end."""
_END = "\\."


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement, or one row of the data that follow a COPY."""

    line: int
    """Where it begins, counted from 1."""
    text: str
    copied: str | None = None
    """The COPY that a row belongs to."""


def statements(lines: Iterable[str]) -> Iterator[Statement]:
    """Statements and rows in order.

    A backslash command outside of data is psql's, and is no statement. Quoted texts, bodies of
    functions and comments are not looked into, so that data never pass for a statement.

    Raises:
        InputUnreadable: A statement is too long, or never ends.
    """
    copy, open_ = None, _Open()
    for number, text in enumerate(lines, 1):
        if copy is not None:
            if text == _END:
                copy = None
            else:
                yield Statement(line=number, text=text, copied=copy)
            continue
        if open_.blank and text.startswith("\\"):
            continue
        for whole in open_.add(number, text):
            copy = whole.text if COPY.match(whole.text) else None
            yield whole
    if not open_.blank:
        raise InputUnreadable(f"ends in the middle of a statement, begun in line {open_.line}")


@dataclass(slots=True)
class _Open:
    """A statement that has not ended yet."""

    line: int = 0
    quote: str = ""
    """What ends the quoted text that is open."""
    parts: list[str] = field(default_factory=list)
    length: int = 0

    @property
    def blank(self) -> bool:
        """Whether no statement has begun."""
        return not self.parts

    def add(self, number: int, text: str) -> Iterator[Statement]:
        """Add a line; the statements that end in it."""
        start = 0
        for mark, begin, end in self._marks(text):
            if mark == "--":
                text = text[:begin]
                break
            if mark == ";":
                self._take(number, text[start:end])
                yield Statement(line=self.line, text="".join(self.parts).strip())
                self.parts, self.length, start = [], 0, end
        if text[start:].strip() or self.parts:
            self._take(number, f"{text[start:]}\n")

    def _take(self, number: int, text: str) -> None:
        if not self.parts:
            self.line = number
        self.parts.append(text)
        self.length += len(text)
        if self.length > LONGEST_LINE:
            raise InputUnreadable(f"holds a statement longer than 64 MB, begun in line {self.line}")

    def _marks(self, text: str) -> Iterator[tuple[str, int, int]]:
        """What stands outside of quotes: ends of statements and beginnings of comments."""
        place = 0
        while found := self._next(text, place):
            mark, place = found.group(), found.end()
            if self.quote:
                self.quote = self.quote if mark.startswith("\\") else ""
            elif mark in {";", "--"}:
                yield mark, found.start(), place
            else:
                self.quote = mark.upper()

    def _next(self, text: str, place: int) -> re.Match[str] | None:
        if not self.quote:
            return _TOKEN.search(text, place)
        if self.quote == "E'":
            return _ESCAPED_END.search(text, place)
        return re.compile(re.escape(self.quote), re.IGNORECASE).search(text, place)
