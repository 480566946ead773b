"""What failed, the same thing once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_llmreplay.report.text.layout import columns, fit, fit_tail, left, right, wrapped
from pytest_llmreplay.report.text.sanitise import safe_line

from .tally import Cause, Tally

__all__ = ["CONTRACT", "WORDING", "cause_lines"]

CONTRACT = "contract"
WORDING = f"try --llm-check {CONTRACT}"
_SHOWN = 5
_NARROW, _BROAD = 80, 100
_NAME = 18
_ROOM = 36
_GAP = 3
_MOST_BELOW = 2
"""Rows of one cause beside that with its counts."""

Found = list[list[Cause | None]]


def cause_lines(tallies: Sequence[Tally], width: int) -> Iterator[str]:
    """Causes, worst first: the events that have them, for each target, and one of these."""
    found = _all_causes(tallies)
    if not found:
        return
    width = min(width, _NARROW if len(tallies) == 1 else _BROAD)
    names = [fit_tail(safe_line(tally.target), _NAME) for tally in tallies]
    together = _beside(names, width) < _ROOM
    if together:
        names = ["all targets"]
    room = _beside(names, width)
    heads = names if len(tallies) > 1 else [""] * len(names)
    yield _row("causes, worst first", heads, names, room)
    for causes in found[:_SHOWN]:
        counts = [cause.count if cause else 0 for cause in causes]
        shown = [sum(counts)] if together else counts
        cells = [f"{count:,}" if count else "\u2013" for count in shown]
        first = next(cause for cause in causes if cause)
        head, *rest = _rows(safe_line(first.words), room - 2, width - 4)
        yield _row(f" {head}", cells, names, room)
        yield from (f"   {row}" for row in rest)
        yield f"   {fit_tail(safe_line(first.example), width - 3)}"
    yield from _rest(found)


def _rows(words: str, room: int, width: int) -> list[str]:
    """The words of a cause: a row beside its counts, and below it what has no room there."""
    head = wrapped(words, room)[0]
    rest = words[len(head) :].strip()
    rows = wrapped(rest, width) if rest else []
    if len(rows) > _MOST_BELOW:
        rows = [*rows[: _MOST_BELOW - 1], fit(" ".join(rows[_MOST_BELOW - 1 :]), width)]
    return [head, *rows]


def _beside(names: Sequence[str], width: int) -> int:
    """Columns that are left beside those of the targets."""
    return width - sum(columns(name) + _GAP for name in names)


def _row(label: str, cells: Sequence[str], names: Sequence[str], room: int) -> str:
    """A label and, below the name of each target, its cell."""
    return left(label, room) + "".join(
        right(cell, columns(name) + _GAP) for cell, name in zip(cells, names, strict=True)
    )


def _rest(found: Found) -> Iterator[str]:
    """How much of all that failed the causes above explain."""
    counts = [sum(cause.count for cause in causes if cause) for causes in found]
    if len(found) > _SHOWN:
        shown, every = sum(counts[:_SHOWN]), sum(counts)
        yield f" {shown:,} of {every:,} failures have these {_SHOWN} causes"


def _all_causes(tallies: Sequence[Tally]) -> Found:
    alike: dict[str, list[Cause | None]] = {}
    for place, tally in enumerate(tallies):
        for words, cause in tally.causes.items():
            alike.setdefault(words, [None] * len(tallies))[place] = cause
    return sorted(alike.values(), key=_badness)


def _badness(causes: Sequence[Cause | None]) -> tuple[int, int]:
    there = [cause for cause in causes if cause]
    return min(cause.rank for cause in there), -sum(cause.count for cause in there)
