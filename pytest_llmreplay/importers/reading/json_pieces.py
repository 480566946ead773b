"""The values of a JSON text one by one, so that neither its size nor a bad one of them matters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from pytest_llmreplay.errors import InputUnreadable

from .files import LONGEST_LINE

__all__ = ["JsonPieces", "Piece", "TornJson"]

_MOST_BRACKETS: Final = 4_000_000
"""Of one value: more are no words, and take long to be told apart."""
_GAP: Final = re.compile(rb"\s*")
_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_WORD: Final = re.compile(rb'[^\s"\[\]{},]++(?=[\s"\[\]{},])')
_TO_BRACKET: Final = re.compile(
    rb'[^"\[\]{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL
)
"""All up to a bracket that stands in no text."""


class TornJson(InputUnreadable):
    """Where a value ends cannot be told."""

    def __init__(self, line: int, reason: str = "breaks off") -> None:
        super().__init__(f"{reason} in the entry that begins in line {line}")


class Piece(NamedTuple):
    """A value as it stands in a text, be it sound JSON or not."""

    line: int
    """Where it begins."""
    data: bytes


class JsonPieces:
    """A place in a JSON text that goes from value to value; no more than one of them is held."""

    def __init__(self, blocks: Iterable[bytes], line: int = 1) -> None:
        """Begin.

        Args:
            blocks: The text; what reading them raises is raised on.
            line: The number of its first line.
        """
        self._blocks = iter(blocks)
        self._data, self._at = bytearray(), 0
        self.line = line

    def mark(self) -> bytes:
        """The byte that follows, blanks aside; none at the end."""
        while True:
            found = _GAP.match(self._data, self._at)
            self._pass(found.end() if found else self._at)
            if self._at < len(self._data) or not self._more():
                return bytes(self._data[self._at : self._at + 1])

    def take(self, mark: bytes) -> bool:
        """Go past this byte, if it follows."""
        follows = self.mark() == mark
        self._at += follows
        return follows

    def value(self) -> Piece:
        """Go past the value that follows; brackets and quotes alone tell where it ends.

        Raises:
            TornJson: It does not end, or is too large.
        """
        mark, line = self.mark(), self.line
        end = self._past_brackets() if mark in {b"[", b"{"} else self._past_plain(mark)
        data = bytes(self._data[self._at : end])
        self._pass(end)
        return Piece(line, data)

    def leave(self, depth: int) -> None:
        """Go to where as many lists and objects end as are open.

        Raises:
            TornJson: They do not end, or are too large.
        """
        if depth:
            self._pass(self._past_brackets(depth))

    def _past_plain(self, mark: bytes) -> int:
        pattern = _TEXT if mark == b'"' else _WORD
        while (found := pattern.match(self._data, self._at)) is None:
            self._more_or_torn()
        return found.end()

    def _past_brackets(self, depth: int = 0) -> int:
        past = 0
        for _ in range(_MOST_BRACKETS):
            while (found := _TO_BRACKET.match(self._data, self._at + past)) is None:
                self._more_or_torn()
            past = found.end() - self._at
            depth += 1 if found[1] in {b"[", b"{"} else -1
            if depth <= 0:
                return found.end()
        raise TornJson(self.line, "holds too many values")

    def _more_or_torn(self) -> None:
        if len(self._data) - self._at > LONGEST_LINE:
            raise TornJson(self.line, "is larger than 64 MB")
        if not self._more():
            raise TornJson(self.line)

    def _more(self) -> bool:
        """Read as much again as is held, so that to look at it again costs no more than that."""
        del self._data[: self._at]
        self._at, wanted = 0, 2 * len(self._data) or 1
        while len(self._data) < wanted:
            block = next(self._blocks, None)
            if block is None:
                return False
            self._data += block
        return True

    def _pass(self, end: int) -> None:
        self.line += self._data.count(b"\n", self._at, end)
        self._at = end
