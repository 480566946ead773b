"""The mutation score: which faults a set of checks catches, and what would catch the others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pytest_llmreplay.compare.figures.numbers import many
from pytest_llmreplay.event import Json
from pytest_llmreplay.replay.mutation.score import FaultScore, MutationScore
from pytest_llmreplay.report.summary.force import CheckSource, check_lines
from pytest_llmreplay.report.summary.table import blocks, count_row
from pytest_llmreplay.report.text.layout import apart, fit_tail, wrapped
from pytest_llmreplay.report.text.sanitise import finished, safe_line

__all__ = ["mutation_json", "mutation_lines"]

_COLUMNS = ("applied", "caught", "missed")
_NARROW = 80


def mutation_lines(score: MutationScore, checks: Sequence[CheckSource], width: int) -> list[str]:
    """The table of faults, then what was missed with examples, then the score.

    Args:
        score: What was found.
        checks: What the events were judged by, and who asked for it.
        width: Columns of the screen.
    """
    rows = [count_row(_label(one), (one.applied, one.caught, one.missed)) for one in score.faults]
    parts = [
        blocks(_COLUMNS, rows, min(width, _NARROW)),
        [line for one in score.faults if one.missed for line in _missed(one, width)],
        check_lines(checks, (), width),
        [*_outside(score, width), _sentence(score)],
    ]
    return finished(apart(parts))


def mutation_json(score: MutationScore, checks: Sequence[CheckSource]) -> Json:
    """The score and the table of faults as JSON."""
    return {
        "events": score.events,
        "score": score.percent,
        "applied": score.applied,
        "caught": score.caught,
        "faults": [_fault_json(one) for one in score.faults],
        "left_out": dict(score.left_out),
        "failing": list(score.failing),
        "checks": [
            {"check": one.spec, "source": one.source, "events": one.events} for one in checks
        ],
    }


def _fault_json(one: FaultScore) -> Json:
    remedy: Json = None
    if one.remedy is not None:
        remedy = {"check": one.remedy.check, "catches": one.remedy.catches}
    return {
        "fault": one.fault,
        "scored": one.scored,
        "applied": one.applied,
        "caught": one.caught,
        "missed": one.missed,
        "reported": one.reported,
        "examples": list(one.examples),
        "remedy": remedy,
    }


def _label(one: FaultScore) -> str:
    return one.fault if one.scored else f"{one.fault} (not scored)"


def _missed(one: FaultScore, width: int) -> Iterator[str]:
    reported = f" ({one.reported:,} reported only)" if one.reported else ""
    line = f"{one.fault}: {one.missed:,} of {one.applied:,} missed{reported}; {_remedy(one)}"
    yield from wrapped(line, width, indent="  ")
    yield from (f"  {fit_tail(safe_line(node_id), width - 2)}" for node_id in one.examples)
    if one.missed > len(one.examples):
        yield f"  and {one.missed - len(one.examples):,} more"


def _remedy(one: FaultScore) -> str:
    if one.remedy is None:
        return "no other check tells them from the recording"
    catches = one.remedy.catches
    what = "all" if catches == one.missed else f"{catches:,}"
    return f"`{one.remedy.check}` would catch {what}"


def _outside(score: MutationScore, width: int) -> Iterator[str]:
    """What proves nothing, so that nobody takes the score for more than it is."""
    for reason, count in score.left_out.items():
        yield safe_line(f"not replayed: {many(count, 'event')}, {reason}")
    if score.failing:
        count = len(score.failing)
        line = f"{many(count, 'event')} left out: the checks do not hold on the recording itself"
        yield from wrapped(line, width, indent="  ")
        yield from (f"  {fit_tail(safe_line(node_id), width - 2)}" for node_id in score.failing[:3])


def _sentence(score: MutationScore) -> str:
    if score.percent is None:
        return (
            f"mutation score: none; {many(score.events, 'event')}, and no fault found one to spoil"
        )
    counted = (
        f"{score.caught:,} of {score.applied:,} faults in {many(score.events, 'event')} are caught"
    )
    return f"mutation score: {math.floor(score.percent)} % ({counted})"
