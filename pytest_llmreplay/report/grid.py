"""Rows in columns at the terminal's width: figures stay whole, words give way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .layout import columns, fit_tail, left, right
from .sanitise import safe_line

__all__ = ["Column", "grid"]

_GAP = 2
_LEAST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column."""

    head: str
    words: bool = False
    """Whether it begins at the left; of the columns of words the first may be shortened."""


def grid(heads: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The heads, then the rows; no line is wider than the terminal where that is possible."""
    cells = [[safe_line(cell) for cell in row] for row in ([one.head for one in heads], *rows)]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    spare = sum(widths) + _GAP * (len(heads) - 1) - width
    widths[0] = max(widths[0] - max(spare, 0), min(widths[0], _LEAST))
    return [_line(heads, row, widths) for row in cells]


def _line(heads: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> str:
    shown = (
        left(fit_tail(cell, wide), wide) if head.words else right(cell, wide)
        for head, cell, wide in zip(heads, row, widths, strict=True)
    )
    return (" " * _GAP).join(shown).rstrip()
