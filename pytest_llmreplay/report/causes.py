"""What failed, the same thing once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .layout import columns, fit, fit_tail, left, right
from .sanitise import safe_line
from .tally import Cause, Tally

__all__ = ["CONTRACT", "WORDING", "cause_lines"]

CONTRACT = "contract"
WORDING = f"try --llm-check {CONTRACT}"
_SHOWN = 5
_NARROW, _BROAD = 80, 100
_NAME = 18
_ROOM = 36

Found = list[tuple[str, list[Cause | None]]]


def cause_lines(tallies: Sequence[Tally], width: int) -> Iterator[str]:
    """Causes, worst first: the events that have them, for each target, and one of these."""
    found = _found(tallies)
    if not found:
        return
    width = min(width, _NARROW if len(tallies) == 1 else _BROAD)
    names = [fit_tail(safe_line(tally.target), _NAME) for tally in tallies]
    together = width - sum(columns(name) + 3 for name in names) < _ROOM
    if together:
        names = ["all targets"]
    room = width - sum(columns(name) + 3 for name in names)
    heads = names if len(tallies) > 1 else [""] * len(names)
    yield left("causes, worst first", room) + "".join(
        right(head, columns(name) + 3) for head, name in zip(heads, names, strict=True)
    )
    for words, causes in found[:_SHOWN]:
        counts = [cause.count if cause else 0 for cause in causes]
        shown = [sum(counts)] if together else counts
        yield left(f" {fit(safe_line(words), room - 2)}", room) + "".join(
            right(f"{count:,}" if count else "\u2013", columns(name) + 3)
            for count, name in zip(shown, names, strict=True)
        )
        example = next(cause.example for cause in causes if cause)
        yield f"   {fit_tail(safe_line(example), width - 3)}"
    yield from _rest(found)


def _rest(found: Found) -> Iterator[str]:
    """How much of all that failed the causes above explain."""
    counts = [sum(cause.count for cause in causes if cause) for _, causes in found]
    if len(found) > _SHOWN:
        shown, every = sum(counts[:_SHOWN]), sum(counts)
        yield f" {shown:,} of {every:,} failures have these {_SHOWN} causes"


def _found(tallies: Sequence[Tally]) -> Found:
    by_words: dict[str, list[Cause | None]] = {}
    for place, tally in enumerate(tallies):
        for words, cause in tally.causes.items():
            by_words.setdefault(words, [None] * len(tallies))[place] = cause
    return sorted(by_words.items(), key=lambda item: _badness(item[1]))


def _badness(causes: Sequence[Cause | None]) -> tuple[int, int]:
    there = [cause for cause in causes if cause]
    return min(cause.rank for cause in there), -sum(cause.count for cause in there)
