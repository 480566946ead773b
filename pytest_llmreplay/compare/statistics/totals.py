"""Budgets on totals: what all events take together, beside what the recorded model takes.

The ratio of totals is tested by Welch's t, each event with its own spread; about sessions by sign
flips. A bootstrap over few sessions is wrong far more often than it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from .beta import t_tail
from .budgets import Amounts, BudgetVerdict, numbers_in
from .halving import last_place
from .rules import FEWEST_SESSIONS, GateRules, Outcome, Reason, at_most
from .scores import mean, seed_of, spread
from .shuffles import sign_flip

__all__ = ["total_ratio", "total_within"]

_FEWEST = 2
"""Samples of which a spread can be seen."""
_ROUNDING = 1e-9
_HALVINGS = 80
_FARTHEST = 1e9


def total_ratio(
    amounts: Sequence[Amounts], budget: float, rules: GateRules, *, exact: bool = False
) -> BudgetVerdict:
    """Whether the total of the target keeps to so many times that of the calibration.

    An event that has no figure on either side is left out. One that has too few on one side
    makes the budget `not measured`: what it took is missing on that side alone.

    Args:
        amounts: Of each event, at least two samples on each side.
        budget: The highest ratio that holds.
        rules: Their alpha and scope.
        exact: Whether the calibration's figure is known, as a recorded one taken as a price
            list is, and one is enough.
    """
    verdict = BudgetVerdict(
        outcome="inconclusive", budget=budget, scope=rules.scope, level=rules.alpha
    )
    there = [event for event in map(_measured, amounts) if event.target or event.calibration]
    if not there or not all(_is_enough(event, exact=exact) for event in there):
        return replace(verdict, reason="not_measured")
    totals = _Totals([_Total.of(event, exact=exact) for event in there])
    found = replace(verdict, found=totals.ratio)
    if rules.scope == "sessions":
        return _by_sessions(found, there, rules)
    return _by_events(found, totals)


def total_within(amounts: Sequence[Amounts], limit: float, rules: GateRules) -> BudgetVerdict:
    """Whether the total of the target is at most an amount, each event counted once.

    Args:
        amounts: Of each event, at least two samples of the target.
        limit: The highest total that holds.
        rules: Their alpha; the scope is events, whose total it is.
    """
    share = limit / max(1, len(amounts))
    verdict = total_ratio(
        [replace(event, calibration=(share,)) for event in amounts],
        1.0,
        replace(rules, scope="events"),
        exact=True,
    )
    found, low, high = (
        None if value is None else value * limit
        for value in (verdict.found, verdict.low, verdict.high)
    )
    return replace(verdict, budget=limit, found=found, low=low, high=high)


def _measured(event: Amounts) -> Amounts:
    return replace(
        event, calibration=numbers_in(event.calibration), target=numbers_in(event.target)
    )


def _is_enough(event: Amounts, *, exact: bool) -> bool:
    return len(event.target) >= _FEWEST and len(event.calibration) >= (1 if exact else _FEWEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The mean of one side of an event, and how uncertain it is."""

    mean: float
    variance: float
    freedom: int

    @classmethod
    def of(cls, values: Sequence[float], *, exact: bool = False) -> _Side:
        if exact:
            return cls(mean=mean(values), variance=0.0, freedom=1)
        return cls(
            mean=mean(values), variance=spread(values) / len(values), freedom=len(values) - 1
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Total:
    """Both sides of an event."""

    calibration: _Side
    target: _Side

    @classmethod
    def of(cls, event: Amounts, *, exact: bool) -> _Total:
        return cls(
            calibration=_Side.of(numbers_in(event.calibration), exact=exact),
            target=_Side.of(numbers_in(event.target)),
        )


class _Totals:
    """The test of a ratio of totals."""

    def __init__(self, events: Sequence[_Total]) -> None:
        self._events = events
        self._now = sum(event.target.mean for event in events)
        self._then = sum(event.calibration.mean for event in events)

    @property
    def ratio(self) -> float | None:
        """Target over calibration."""
        return self._now / self._then if self._then else None

    def p_over(self, ratio: float) -> float:
        """How often totals of exactly this ratio look as far over it."""
        off = self._now - ratio * self._then
        parts = self._parts(ratio)
        variance = sum(part for part, _ in parts)
        if not variance:
            return 0.0 if off > _ROUNDING * abs(self._now) else 1.0
        freedom = variance**2 / sum(part**2 / freedom for part, freedom in parts)
        return t_tail(off / sqrt(variance), freedom)

    def _parts(self, ratio: float) -> list[tuple[float, int]]:
        now = [(event.target.variance, event.target.freedom) for event in self._events]
        then = [
            (ratio**2 * event.calibration.variance, event.calibration.freedom)
            for event in self._events
        ]
        return now + then

    def bound(self, p: float) -> float | None:
        """The ratio that looks over with this chance."""
        if not self._then:
            return None
        low, high = 0.0, 1.0
        while self.p_over(high) < p and high < _FARTHEST:
            high *= 2
        return last_place(lambda ratio: self.p_over(ratio) < p, low, high, halvings=_HALVINGS)


def _by_events(verdict: BudgetVerdict, totals: _Totals) -> BudgetVerdict:
    over = totals.p_over(verdict.budget)
    bounded = replace(
        verdict, low=totals.bound(verdict.level), high=totals.bound(1 - verdict.level)
    )
    return _decided(bounded, over, 1 - over, verdict.level)


def _by_sessions(
    verdict: BudgetVerdict, events: Sequence[Amounts], rules: GateRules
) -> BudgetVerdict:
    """Few sessions call a run `ok` too easily, so that half the level must do."""
    sums: dict[str, float] = {}
    for event in events:
        off = mean(numbers_in(event.target)) - verdict.budget * mean(numbers_in(event.calibration))
        sums[event.session] = sums.get(event.session, 0.0) + off
    if len(sums) < FEWEST_SESSIONS:
        return replace(verdict, reason="too_few_sessions")
    offs, seed = [sums[name] for name in sorted(sums)], seed_of(sums, "budget")
    over, ok = sign_flip([-off for off in offs], seed=seed), sign_flip(offs, seed=seed)
    return _decided(verdict, over, ok, rules.alpha / 2)


def _decided(verdict: BudgetVerdict, over: float, ok: float, level_ok: float) -> BudgetVerdict:
    outcome: Outcome = "inconclusive"
    if at_most(over, verdict.level):
        outcome = "regression"
    elif at_most(ok, level_ok):
        outcome = "ok"
    reason: Reason | None = "too_few" if outcome == "inconclusive" else None
    return replace(verdict, outcome=outcome, reason=reason, p_over=over)
