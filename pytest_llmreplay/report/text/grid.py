"""Rows in columns at the terminal's width: figures stay whole, words give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .layout import columns, fit, fit_tail, left, right
from .sanitise import safe_line

__all__ = ["Column", "grid"]

_GAP = 2
_LEAST = 8


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
