"""The table of a summary: one row a figure, one column a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pytest_llmreplay.compare.figures.call_figures import percentile
from pytest_llmreplay.compare.figures.numbers import DASH, change, money, seconds, tokens
from pytest_llmreplay.compare.outcome import Outcome
from pytest_llmreplay.report.text.layout import columns, fit, fit_tail, left, right
from pytest_llmreplay.report.text.sanitise import safe_line

from .tally import Compared, Tally

__all__ = ["Cell", "Row", "blocks", "count_row", "figure_rows", "outcome_rows"]

_LABEL = 29
_FIGURE = 9
_CHANGE = 9
_GAP = 3
_NARROW = 80
_NAME = 36
_ARROW = " \u2192 "
_ALWAYS: tuple[Outcome, ...] = ("ok", "changed", "diverged", "error")
_SELDOM: tuple[Outcome, ...] = ("not_measured", "not_replayed", "not_run", "stale")
_NAMES = {"changed": "changed, not judged", "diverged": "DIVERGED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one target has in a row."""

    recorded: str = ""
    replayed: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table; without cells it only separates."""

    label: str
    cells: tuple[Cell, ...] = ()


def outcome_rows(tallies: Sequence[Tally]) -> Iterator[Row]:
    """Events by outcome, those that failed also by check, those without a result by reason."""
    for outcome in (*_ALWAYS, *_SELDOM):
        counts = [tally.outcomes[outcome] for tally in tallies]
        if any(counts) or outcome in _ALWAYS:
            yield count_row(_NAMES.get(outcome, outcome.replace("_", " ")), counts)
        if outcome == "diverged":
            yield from _parts([tally.checks for tally in tallies])
        else:
            yield from _parts([tally.reasons.get(outcome, {}) for tally in tallies])
    if any(tally.lost for tally in tallies):
        yield count_row("lost in conversion (reported)", [tally.with_losses for tally in tallies])
        yield from _parts([tally.lost for tally in tallies])


def figure_rows(tallies: Sequence[Tally]) -> Iterator[Row]:
    """Scores, tokens, cost and times, recorded against replayed, over the events that have both."""
    yield from _figure("judge, mean", "judge", tallies, fmean, "{:.2f}".format)
    yield from _figure("input tokens", "input_tokens", tallies, sum, tokens)
    yield from _figure("output tokens", "output_tokens", tallies, sum, tokens)
    yield from _figure("cost at list price", "cost", tallies, sum, money)
    for label, name in (("latency", "duration"), ("first chunk", "time_to_first_chunk")):
        for share in (50, 95):
            yield from _figure(f"{label} p{share}", name, tallies, _at(share / 100), seconds)


def count_row(label: str, counts: Sequence[int]) -> Row:
    """A row of plain counts."""
    return Row(label=label, cells=tuple(Cell(replayed=f"{count:,}") for count in counts))


def blocks(
    names: Sequence[str], rows: Sequence[Row], width: int, *, before: str = "recorded"
) -> Iterator[str]:
    """The rows below the names of their targets; side by side where there is room for it.

    Args:
        names: Of the targets.
        rows: With a cell for each.
        width: Columns of the screen.
        before: What a single target is held against.
    """
    shown = [fit_tail(safe_line(name), _NAME) for name in names]
    if len(names) == 1:
        yield from _alone(shown[0], rows, width, before)
        return
    label = max(min(max(columns(safe_line(row.label)) for row in rows), _LABEL), 1)
    then, now, moved = (_widest(rows, part) for part in ("recorded", "replayed", "change"))
    head = max(then + len(_ARROW) + now if then else now, *map(columns, shown))
    cell = _GAP + head + moved
    fitting = max((width - label) // cell, 1)
    for start in range(0, len(names), fitting):
        part = slice(start, start + fitting)
        yield from [""] if start else []
        yield " " * label + "".join(left(right(name, _GAP + head), cell) for name in shown[part])
        for row in rows:
            beside = (right(_beside(one, now), _GAP + head) for one in row.cells[part])
            moves = (right(one.change, moved) for one in row.cells[part])
            yield left(fit(safe_line(row.label), label), label) + "".join(
                both for pair in zip(beside, moves, strict=True) for both in pair
            )


def _widest(rows: Sequence[Row], part: str) -> int:
    """Columns of a part of the cells; a change stands apart from its figure."""
    most = max((columns(getattr(cell, part)) for row in rows for cell in row.cells), default=0)
    return most + 2 if most and part == "change" else most


def _alone(name: str, rows: Sequence[Row], width: int, before: str) -> Iterator[str]:
    """One target needs no arrows: recorded, replayed and the change have a column each."""
    compared = any(cell.recorded for row in rows for cell in row.cells)
    then, now, moved = (_widest(rows, part) for part in ("recorded", "replayed", "change"))
    now = max(columns(name), now, _FIGURE) + _GAP
    then, moved = (max(then, _FIGURE) + _GAP, max(moved, _CHANGE)) if compared else (0, 0)
    label = max(min(width, _NARROW) - then - now - moved, 1)
    yield " " * label + right(before if compared else "", then) + right(name, now)
    for row in rows:
        line = left(fit(safe_line(row.label), label - 1), label)
        for cell in row.cells:
            line += right(cell.recorded, then) + right(cell.replayed, now)
            line += right(cell.change, moved)
        yield line


def _beside(cell: Cell, now: int) -> str:
    return f"{cell.recorded}{_ARROW}{right(cell.replayed, now)}" if cell.recorded else cell.replayed


def _parts(counts: Sequence[Mapping[str, int]]) -> Iterator[Row]:
    """What a count is made of, the largest part first."""
    names = dict.fromkeys(name for one in counts for name in one)
    for name in sorted(names, key=lambda name: -sum(one.get(name, 0) for one in counts)):
        row = count_row(f"  {name}", [one.get(name, 0) for one in counts])
        cells = (Cell(replayed=DASH) if cell.replayed == "0" else cell for cell in row.cells)
        yield Row(label=row.label, cells=tuple(cells))


def _figure(
    label: str,
    name: str,
    tallies: Sequence[Tally],
    reduce: Callable[[Sequence[float]], float],
    show: Callable[[float], str],
) -> Iterator[Row]:
    pairs = [tally.figures[name] for tally in tallies]
    if any(pair.recorded for pair in pairs):
        yield Row(label=label, cells=tuple(_cell(pair, reduce, show) for pair in pairs))


def _cell(
    pair: Compared, reduce: Callable[[Sequence[float]], float], show: Callable[[float], str]
) -> Cell:
    if not pair.recorded:
        return Cell(replayed=DASH)
    then, now = reduce(pair.recorded), reduce(pair.replayed)
    return Cell(recorded=show(then), replayed=show(now), change=change(then, now))


def _at(share: float) -> Callable[[Sequence[float]], float]:
    return lambda values: percentile(values, share)
