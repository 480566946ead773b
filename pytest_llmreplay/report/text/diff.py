"""The smallest useful difference of two texts, laid out in lines with marks under what differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.answers.differences import Hunk, Segment, hunks, segments, similar

from .layout import MORE, clusters, columns, wrapped
from .sanitise import escaped, safe, safe_line

__all__ = ["Difference", "Place", "differences"]

OLD, NEW, UNDER = "-  ", "+  ", "   "
_ROWS = 6
_AROUND = 40
_FEW_ROWS = 3
_PLACES = 3
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place where the texts differ."""

    line: int | None
    """Line of the recorded text; none where it has only one."""
    recorded: tuple[str, ...]
    replayed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is shown of all places where two texts differ."""

    places: tuple[Place, ...]
    more: int
    """Places that are not shown."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A character as it is shown."""

    text: str
    changed: bool


def differences(recorded: Sequence[str], replayed: Sequence[str], width: int) -> Difference:
    """Lay out where two texts differ."""
    found = [part for hunk in hunks(recorded, replayed) for part in _finer(hunk, width)]
    numbered = max(len(recorded), len(replayed)) > 1
    places = tuple(_place(hunk, width, numbered=numbered) for hunk in found[:_PLACES])
    return Difference(places=places, more=max(len(found) - _PLACES, 0))


def _finer(hunk: Hunk, width: int) -> Iterator[Hunk]:
    """Long lines by their sentences, so that equal ones are left out."""
    long = any(len(line) > width for line in (*hunk.recorded, *hunk.replayed))
    if not long or len(hunk.recorded) != 1 or len(hunk.replayed) != 1:
        yield hunk
        return
    for part in hunks(_SENTENCE.split(hunk.recorded[0]), _SENTENCE.split(hunk.replayed[0])):
        yield Hunk(line=hunk.line, recorded=part.recorded, replayed=part.replayed)


def _place(hunk: Hunk, width: int, *, numbered: bool) -> Place:
    line = hunk.line if numbered else None
    if len(hunk.recorded) == len(hunk.replayed) == 1:
        old, new = segments(hunk.recorded[0], hunk.replayed[0])
        if similar(old, new):
            room = width - len(OLD)
            removed = not any(piece.changed for piece in new)
            return Place(
                line=line,
                recorded=tuple(_marked(OLD, _cells(old), room, marks=removed)),
                replayed=tuple(_marked(NEW, _cells(new), room, marks=not removed)),
            )
    return Place(
        line=line,
        recorded=tuple(_whole(OLD, hunk.recorded, width)),
        replayed=tuple(_whole(NEW, hunk.replayed, width)),
    )


def _whole(sign: str, lines: Sequence[str], width: int) -> Iterator[str]:
    """Lines without marks; of many, the first."""
    room = width - len(sign)
    most = (_ROWS + 1) * room
    rows: list[str] = []
    for line in lines[: _ROWS + 1]:
        rows += wrapped(safe(line[:most]), room)
    if len(rows) > _ROWS or len(lines) > _ROWS or any(len(line) > most for line in lines):
        shown = sum(map(len, rows[: _ROWS - 1]))
        missing = max(sum(map(len, lines)) - shown, 1)
        rows = [*rows[: _ROWS - 1], f"{MORE} {missing:,} more characters"]
    yield from (sign + row for row in rows)


def _cells(pieces: Sequence[Segment]) -> list[_Cell]:
    """Characters as they are shown; blanks that are no plain blanks show when they changed."""
    cells: list[_Cell] = []
    for piece in pieces:
        for cluster in clusters(piece.text):
            hidden = piece.changed and cluster.isspace() and cluster != " "
            shown = "".join(map(escaped, cluster)) if hidden else safe_line(cluster)
            cells.append(_Cell(shown, piece.changed))
    return cells


def _marked(sign: str, cells: Sequence[_Cell], width: int, *, marks: bool) -> Iterator[str]:
    """Rows around what changed, each with its marks below."""
    for place, row in enumerate(_rows(_cropped(cells, width), width)):
        if place == _ROWS:
            yield sign + MORE
            return
        yield sign + "".join(cell.text for cell in row)
        under = "".join(_mark(cell) for cell in row).rstrip()
        if marks and under:
            yield UNDER + under


def _mark(cell: _Cell) -> str:
    return ("^" if cell.changed else " ") * columns(cell.text)


def _cropped(cells: Sequence[_Cell], width: int) -> list[_Cell]:
    """What changed with some words around it, where all of it would take many rows."""
    if sum(columns(cell.text) for cell in cells) <= _FEW_ROWS * width:
        return list(cells)
    changed = [place for place, cell in enumerate(cells) if cell.changed] or [0]
    start, end = changed[0] - _AROUND, changed[-1] + _AROUND
    while 0 < start < changed[0] and cells[start - 1].text != " ":
        start += 1
    while changed[-1] + 1 < end < len(cells) and cells[end].text != " ":
        end -= 1
    before = [] if start <= 0 else [_Cell(f"{MORE} ", changed=False)]
    after = [] if end >= len(cells) else [_Cell(f" {MORE}", changed=False)]
    return [*before, *cells[max(start, 0) : end], *after]


def _rows(cells: Sequence[_Cell], width: int) -> Iterator[list[_Cell]]:
    """Cells broken at blanks, else where they must."""
    row: list[_Cell] = []
    taken, blank = 0, 0
    for cell in cells:
        wide = columns(cell.text)
        if row and taken + wide > width:
            cut = blank or len(row)
            yield row[:cut]
            row = row[cut:]
            taken, blank = sum(columns(kept.text) for kept in row), 0
        row.append(cell)
        taken += wide
        blank = len(row) if cell.text == " " else blank
    yield row
