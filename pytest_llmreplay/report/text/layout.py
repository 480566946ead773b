"""Text in columns: how wide it is, and how it fits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from pytest_llmreplay.compare.answers.differences import MARKS

from .sanitise import safe_line

__all__ = [
    "MORE",
    "Column",
    "apart",
    "clusters",
    "columns",
    "fit",
    "fit_tail",
    "grid",
    "joined",
    "left",
    "right",
    "wrapped",
]

MORE = "\u2026"
"""Stands where something was left out."""

_WIDE = frozenset("WF")
_NO_WIDTH = frozenset(("Mn", "Me", "Cf"))
_EMOJI = "\ufe0f"
_CLUSTER = re.compile(f"(?s:.){MARKS}*")
_WORD = re.compile(r"\s+|\S+")

_GAP = 2
_LEAST = 8


@cache
def _columns(character: str) -> int:
    if unicodedata.category(character) in _NO_WIDTH or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def columns(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    wider = sum(two == _EMOJI and _columns(one) == 1 for one, two in pairwise(text))
    return sum(map(_columns, text)) + wider


def fit(text: str, width: int) -> str:
    """The beginning of a text that fits."""
    if columns(text) <= width:
        return text
    return "".join(_taken(clusters(text), width - 1)).rstrip() + MORE


def fit_tail(text: str, width: int) -> str:
    """The end of a text that fits: what tells paths apart."""
    if columns(text) <= width:
        return text
    return MORE + "".join([*_taken(reversed(clusters(text)), width - 1)][::-1]).lstrip()


def clusters(text: str) -> list[str]:
    """Characters, each with the marks that belong to it."""
    return list(text) if text.isascii() else _CLUSTER.findall(text)


def left(text: str, width: int) -> str:
    """Text with blanks behind it."""
    return text + " " * (width - columns(text))


def right(text: str, width: int) -> str:
    """Text with blanks before it."""
    return " " * (width - columns(text)) + text


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Text broken at its blanks, else where it must.

    Args:
        text: One line.
        width: Columns of a line, indentation included.
        indent: Stands before every line but the first.
    """
    lines: list[str] = [""]
    for word in _words(text, max(width - len(indent), 1)):
        if columns(lines[-1]) + columns(word.rstrip()) <= width:
            lines[-1] += word
        elif lines[-1].strip():
            lines.append(indent + word.lstrip())
        else:
            lines[-1] = word
    return [line.rstrip() for line in lines]


def joined(items: Iterable[str], separator: str, width: int) -> list[str]:
    """Items side by side, each kept together where it fits on a line."""
    rows: list[str] = []
    for item in items:
        if rows and columns(rows[-1]) + columns(separator) + columns(item) < width:
            rows[-1] += separator + item
        else:
            rows = [*rows[:-1], *(row + separator.rstrip() for row in rows[-1:]), item]
    return [part for row in rows for part in wrapped(row, width)]


def apart(parts: Iterable[Iterable[str]]) -> list[str]:
    """The lines of all parts, with a blank line between those that have any."""
    lines: list[str] = []
    for part in map(list, parts):
        lines += [*[""] * bool(lines and part), *part]
    return lines


def _words(text: str, width: int) -> Iterator[str]:
    """Words and blanks; a word that is wider than a line comes in pieces."""
    for word in _WORD.findall(text):
        if columns(word) <= width:
            yield word
        else:
            yield from _pieces(word, width)


def _pieces(word: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for cluster in clusters(word):
        wide = columns(cluster)
        if piece and taken + wide > width:
            yield piece
            piece, taken = "", 0
        piece += cluster
        taken += wide
    yield piece


def _taken(found: Iterable[str], width: int) -> Iterator[str]:
    """The first clusters that fit."""
    taken = 0
    for cluster in found:
        taken += columns(cluster)
        if taken > width:
            return
        yield cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its head, and how its cells are aligned and cut."""

    head: str
    words: bool = False
    """Whether it begins at the left, and may be shortened."""
    keeps_head: bool = False
    """Whether the beginning of its words tells them apart; else the end does, as of paths."""


def grid(heads: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The heads, then the rows; no line is wider than the terminal where that is possible."""
    cells = [[safe_line(cell) for cell in row] for row in ([one.head for one in heads], *rows)]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    missing = sum(widths) + _GAP * (len(heads) - 1) - width
    words = [place for place, one in enumerate(heads) if one.words]
    for _ in range(max(missing, 0)):
        widest = max(words, key=widths.__getitem__, default=None)
        if widest is None or widths[widest] <= _LEAST:
            break
        widths[widest] -= 1
    return [_line(heads, row, widths) for row in cells]


def _line(heads: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> str:
    shown = (_cell(*one) for one in zip(heads, row, widths, strict=True))
    return (" " * _GAP).join(shown).rstrip()


def _cell(head: Column, cell: str, wide: int) -> str:
    if not head.words:
        return right(cell, wide)
    return left(fit(cell, wide) if head.keeps_head else fit_tail(cell, wide), wide)
