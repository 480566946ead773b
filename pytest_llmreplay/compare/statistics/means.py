"""Budgets on a mean score: the mean of a run beside an amount, or beside the recorded model's.

Events are paired, and each counts once. Whether a budget is kept is told by the interval that
proves an `ok` of the gate: kept where the interval lies above the least that is asked for, passed
where it lies below, open where the least is inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .interval import Interval, arm, event_interval, session_interval, session_sums
from .rules import FEWEST_SESSIONS, GateRules, Outcome, Reason
from .scores import EventScores, Sides, mean, measured

__all__ = ["MeanVerdict", "mean_at_least", "mean_change"]

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanVerdict:
    """What a run says about a budget on a mean; `regression` is below it."""

    outcome: Outcome
    reason: Reason | None = None
    least: float
    """The lowest mean that holds."""
    now: float
    then: float | None = None
    """The mean of the other side, where there is one."""
    low: float
    high: float
    """The interval of the true mean, given that of the other side."""


def mean_at_least(events: Sequence[EventScores], least: float, rules: GateRules) -> MeanVerdict:
    """Whether the mean of the target is at least an amount, on these events.

    Args:
        events: Of each, at least one score of the target.
        least: The lowest mean that holds.
        rules: Their alpha.
    """
    now = arm([measured(event.target) for event in events])
    low, high = now.lower(rules.alpha), now.upper(rules.alpha)
    return _decided(MeanVerdict(outcome="ok", least=least, now=now.mean, low=low, high=high))


def mean_change(events: Sequence[EventScores], least: float, rules: GateRules) -> MeanVerdict:
    """Whether the mean of the target is at most so much below that of the calibration.

    Args:
        events: Of each, at least one score on both sides. Where one alone is all that any event
            has of the calibration, as of a recorded answer, it is taken as known.
        least: The lowest change that holds: -0.05 for a drop.
        rules: Their alpha and scope.
    """
    sides = [_sides(event) for event in events]
    then = sum(mean(event.calibration) for event in sides) / len(sides)
    found = _interval(sides, rules)
    verdict = MeanVerdict(
        outcome="ok",
        least=then + least,
        now=then + found.change,
        then=then,
        low=then + found.low,
        high=then + found.high,
    )
    if rules.scope == "sessions" and len(session_sums(sides)) < FEWEST_SESSIONS:
        return replace(verdict, outcome="inconclusive", reason="too_few_sessions")
    return _decided(verdict)


def _interval(sides: Sequence[Sides], rules: GateRules) -> Interval:
    if rules.scope == "sessions":
        return session_interval(sides, rules.alpha)
    if any(len(event.calibration) > 1 for event in sides):
        return event_interval(sides, rules.alpha)
    now = arm([event.target for event in sides])
    then = sum(event.calibration[0] for event in sides) / len(sides)
    low, high = now.lower(rules.alpha) - then, now.upper(rules.alpha) - then
    return Interval(change=now.mean - then, low=low, high=high)


def _sides(event: EventScores) -> Sides:
    return Sides(
        key=event.key,
        session=event.session,
        calibration=measured(event.calibration),
        target=measured(event.target),
    )


def _decided(verdict: MeanVerdict) -> MeanVerdict:
    if verdict.low >= verdict.least - _ROUNDING:
        return verdict
    below = verdict.high < verdict.least - _ROUNDING
    outcome: Outcome = "regression" if below else "inconclusive"
    return replace(verdict, outcome=outcome, reason=None if below else "too_few")
