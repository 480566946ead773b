"""What two stored runs say to the same events: a table for each target, then what moved."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from pytest_llmreplay.compare.figures import MINUS
from pytest_llmreplay.compare.outcome import OUTCOMES, Outcome
from pytest_llmreplay.compare.percentiles import percentile
from pytest_llmreplay.compare.spec import subject
from pytest_llmreplay.event import Json

from .force import CheckSource, check_lines
from .layout import apart, columns, fit, fit_tail, left, wrapped
from .over_both import OverBoth, over_json, over_lines, over_result, over_rows
from .place import command_lines
from .result import EventResult
from .sanitise import finished, safe_line
from .table import Cell, Row, blocks, figure_rows, outcome_rows
from .tally import Compared, Tally

__all__ = ["TwoRuns", "runs_json", "runs_lines"]

_FAILS: tuple[Outcome, ...] = ("diverged", "error")
_CAUSES, _SHOWN = 10, 5
"""Causes that are told, and events of each that are named; all of them stand in the JSON."""
_NARROW = 80


@dataclass(slots=True)
class TwoRuns:
    """One target in two runs, over the events that both have."""

    target: str
    """Of both, or of the first and the second."""
    a: Tally = field(init=False)
    b: Tally = field(init=False)
    figures: Tally = field(init=False)
    """The first run in the place of the recording."""
    worse: list[EventResult] = field(default_factory=list)
    """Events that fail in the second run only, as they do there."""
    better: list[EventResult] = field(default_factory=list)
    """Events that fail in the first run only, as they do there."""
    both: int = 0
    """What fails in both."""
    alone_a: int = 0
    """Answers that only the first run has."""
    alone_b: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)
    """Events that cannot be judged any more, by reason."""
    over: list[OverBoth] = field(default_factory=list)
    """Sessions, then the run, where checks are over them."""

    def __post_init__(self) -> None:
        self.a, self.b, self.figures = (Tally(self.target) for _ in range(3))

    def add(self, a: EventResult, b: EventResult) -> None:
        """Count one event that both runs have."""
        self.a.add(a)
        self.b.add(b)
        self.figures.add_sample(replace(b, recorded=a.replayed))
        self._move(a, b)

    def add_over(self, one: OverBoth) -> None:
        """Count a session, or the run."""
        self.over.append(one)
        self._move(*(over_result(one, side, self.target) for side in (one.a, one.b)))

    def _move(self, a: EventResult, b: EventResult) -> None:
        failed = a.outcome in _FAILS, b.outcome in _FAILS
        self.both += all(failed)
        if failed == (False, True):
            self.worse.append(b)
        elif failed == (True, False):
            self.better.append(a)


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


def runs_json(
    names: tuple[str, str], found: Sequence[TwoRuns], checks: Sequence[CheckSource]
) -> Json:
    """The same for a program, with every event."""
    a, b = names
    return {
        "runs": [a, b],
        "targets": {
            one.target: {
                "events": one.a.events,
                "outcomes": {a: _outcomes(one.a), b: _outcomes(one.b)},
                "diverged": {
                    "only_a": [_named(event) for event in one.better],
                    "only_b": [_named(event) for event in one.worse],
                    "both": one.both,
                },
                "alone": {a: one.alone_a, b: one.alone_b},
                "not_judged": {**one.unjudged},
                "over": over_json(names, one.over),
                "figures": _figures(one.figures, a, b),
            }
            for one in found
        },
        "checks": [
            {"check": one.spec, "source": one.source, "events": one.events} for one in checks
        ],
    }


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


def _count(told: str) -> int:
    """The number of a cell; none of an event is a dash."""
    return int(told.replace(",", "")) if told[:1].isdigit() else 0


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
        alike.setdefault(_cause(event), []).append(event)
    causes = sorted(alike.items(), key=lambda item: -len(item[1]))
    for cause, found in causes[:_CAUSES]:
        room, count = min(width, _NARROW) - 1, f"{len(found):,}"
        yield f" {left(fit(safe_line(cause), room - 8), room - columns(count))}{count}"
        for one in sorted(found, key=lambda one: one.node_id)[:_SHOWN]:
            yield f"   {fit_tail(safe_line(one.node_id), width - 3)}"
            if reason := _reason(one):
                yield from (f"     {line}" for line in wrapped(safe_line(reason), width - 5))
        if len(found) > _SHOWN:
            yield f"   and {len(found) - _SHOWN:,} more, which --json names"
    if len(causes) > _CAUSES:
        yield f" and {len(causes) - _CAUSES:,} more causes, which --json names"


def _cause(event: EventResult) -> str:
    found = event.comparison
    if found is None or not found.diverged:
        problem = event.reason or (found.error if found else None) or "no answer"
        return f"error: {' '.join(problem.split())}"
    return f"{found.diverged[0].check}: {found.diverged[0].cause}"


def _reason(event: EventResult) -> str | None:
    """Why a judge gave the answer what it gave it."""
    found = event.comparison.diverged if event.comparison is not None else ()
    return next((one.note for one in found if subject(one.check) == "judge"), None)


def _named(event: EventResult) -> dict[str, Json]:
    told: dict[str, Json] = {"event": event.node_id, "cause": _cause(event)}
    return told if (reason := _reason(event)) is None else told | {"reason": reason}


def _outcomes(tally: Tally) -> Json:
    return {word: tally.outcomes[word] for word in OUTCOMES if tally.outcomes[word]}


def _figures(tally: Tally, a: str, b: str) -> Json:
    """Sums, a mean score and percentiles, over the events in which both are known."""
    told: dict[str, Json] = {}
    for name, pair in tally.figures.items():
        if not pair.recorded:
            continue
        for label, values in _reduced(name, pair):
            told[label] = {"events": len(pair.recorded), a: values[0], b: values[1]}
    return told


def _reduced(name: str, pair: Compared) -> Iterator[tuple[str, tuple[float, float]]]:
    sides = pair.recorded, pair.replayed
    if name == "judge":
        yield name, (fmean(sides[0]), fmean(sides[1]))
    elif name in {"duration", "time_to_first_chunk"}:
        for share in (50, 95):
            at = share / 100
            yield f"{name}.p{share}", (percentile(sides[0], at), percentile(sides[1], at))
    else:
        yield name, (sum(sides[0]), sum(sides[1]))
