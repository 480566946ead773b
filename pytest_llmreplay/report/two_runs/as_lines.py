"""Two stored runs on the screen: a table for each target, then what moved."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from pytest_llmreplay.compare.figures.numbers import MINUS
from pytest_llmreplay.report.calls.place import command_lines
from pytest_llmreplay.report.summary.force import CheckSource, check_lines
from pytest_llmreplay.report.summary.result import EventResult
from pytest_llmreplay.report.summary.table import Cell, Row, blocks, figure_rows, outcome_rows
from pytest_llmreplay.report.text.layout import apart, columns, fit, fit_tail, left, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

from .moved import TwoRuns, cause_of, kind_of, reason_of
from .over_both import over_lines, over_rows

__all__ = ["runs_lines"]

_CAUSES, _SHOWN = 10, 5
"""Causes that are told, and events of each that are named; all of them stand in the JSON."""
_NARROW = 80


def runs_lines(
    names: tuple[str, str], found: Sequence[TwoRuns], checks: Sequence[CheckSource], width: int
) -> list[str]:
    """The tables and the events that moved, worst first.

    Args:
        names: Of the runs.
        found: One for each target.
        checks: What the events were judged by, and who asked for it.
        width: Columns of the screen.
    """
    parts: list[Iterable[str]] = []
    for one in found:
        table = blocks(names[1:], list(_rows(one)), width, before=names[0])
        parts += [
            [fit_tail(safe_line(one.target), width), *table],
            over_lines(names, one.over, width),
        ]
    parts += [
        _events(f"diverged only in {name}", moved, width) for name, moved in _moved(names, found)
    ]
    parts += [check_lines(checks, (), width), _way_on(names, found, width)]
    return finished(apart(parts))


def _way_on(names: tuple[str, str], found: Sequence[TwoRuns], width: int) -> list[str]:
    """The command that shows the first event that diverges in the second run alone."""
    beyond = {event.node_id for one in found for event in one.over}
    worse = (event.node_id for one in found for event in one.worse)
    broken = next((name for name in worse if name not in beyond), None)
    if broken is None:
        return []
    event = broken.rpartition("::")[2]
    return command_lines("see", f"pytest-llmreplay show {names[1]} -k {shlex.quote(event)}", width)


def _rows(one: TwoRuns) -> Iterator[Row]:
    """Outcomes of both runs beside each other, then what the answers took."""
    for row in outcome_rows([one.a, one.b]):
        then, now = (cell.replayed for cell in row.cells)
        cell = Cell(recorded=then, replayed=now, change=_by(_count(then), _count(now)))
        yield Row(label=row.label, cells=(cell,))
    yield from over_rows(one.over)
    counts = {"answers not in the other run": (one.alone_a, one.alone_b)}
    counts |= {f"not judged: {why}": (count, count) for why, count in one.unjudged.items()}
    for label, (alone, also) in counts.items():
        if alone or also:
            yield Row(label=label, cells=(Cell(recorded=f"{alone:,}", replayed=f"{also:,}"),))
    if figures := list(figure_rows([one.figures])):
        yield from (Row(label=""), *figures)


def _count(cell: str) -> int:
    """The number of a cell; none of an event is a dash."""
    return int(cell.replace(",", "")) if cell[:1].isdigit() else 0


def _by(then: int, now: int) -> str:
    """`+12`, and a minus sign as wide; nothing where nothing moved."""
    moved = now - then
    return f"{'+' if moved > 0 else MINUS}{abs(moved):,}" if moved else ""


def _moved(
    names: tuple[str, str], found: Sequence[TwoRuns]
) -> Iterator[tuple[str, list[EventResult]]]:
    sides = ([event for one in found for event in one.worse], names[1])
    others = ([event for one in found for event in one.better], names[0])
    yield from ((name, events) for events, name in (sides, others) if events)


def _events(head: str, events: Sequence[EventResult], width: int) -> Iterator[str]:
    """What moved, by cause, the most frequent first, with some of the events that have it."""
    yield f"{head}: {len(events):,}"
    alike: dict[str, list[EventResult]] = {}
    for event in events:
        alike.setdefault(kind_of(event), []).append(event)
    causes = sorted(alike.values(), key=lambda events: -len(events))
    for found in causes[:_CAUSES]:
        room, count, cause = min(width, _NARROW) - 1, f"{len(found):,}", cause_of(found[0])
        yield f" {left(fit(safe_line(cause), room - 8), room - columns(count))}{count}"
        for one in sorted(found, key=lambda one: one.node_id)[:_SHOWN]:
            yield f"   {fit_tail(safe_line(one.node_id), width - 3)}"
            if reason := reason_of(one):
                yield from (f"     {line}" for line in wrapped(safe_line(reason), width - 5))
        if len(found) > _SHOWN:
            yield f"   and {len(found) - _SHOWN:,} more, which --json names"
    if len(causes) > _CAUSES:
        yield f" and {len(causes) - _CAUSES:,} more causes, which --json names"
