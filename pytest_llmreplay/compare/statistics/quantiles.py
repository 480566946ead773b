"""Budgets on quantiles of latency: the 95th percentile beside that of the recorded model.

Bounds of a quantile are calls of certain ranks, whatever the distribution; two of them are put
together on a logarithmic scale by MOVER. Calls must not depend on each other: calibration and
target are sent in turns.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, exp, hypot, log

from .beta import beta_cdf
from .budgets import BudgetVerdict, numbers_in
from .rules import Outcome

__all__ = ["Ranks", "fewest_calls", "quantile_ratio", "quantile_within", "ranks"]

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """Which of the sorted calls stand for a quantile and its bounds, counted from 1."""

    low: int | None
    at: int
    high: int | None


def ranks(calls: int, share: float, level: float) -> Ranks:
    """The ranks for a quantile; None where so few calls have no bound at this level.

    A call of this rank is above the quantile when fewer calls than that lie below it.
    """
    places = range(1, calls + 1)

    def below(rank: int) -> float:
        return 1 - beta_cdf(share, rank, calls - rank + 1)

    low = bisect_right(places, level, key=below)
    high = bisect_left(places, 1 - level, key=below) + 1
    at = ceil(share * calls - _ROUNDING)
    return Ranks(low=low or None, at=at, high=high if high <= calls else None)


def fewest_calls(share: float, level: float) -> int:
    """Calls per side from which on a quantile above the middle has an upper bound."""
    return ceil(log(level) / log(share) - _ROUNDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quantile:
    """A quantile and its bounds, on a logarithmic scale."""

    low: float
    at: float
    high: float


def quantile_ratio(
    calibration: Sequence[float | None],
    target: Sequence[float | None],
    budget: float,
    *,
    share: float = 0.95,
    level: float = 0.05,
) -> BudgetVerdict:
    """Whether a quantile of the target's live calls keeps to so many times the calibration's.

    Args:
        calibration: Seconds of each live call of the recorded model; None was not measured.
        target: The same of the target.
        budget: The highest ratio that holds.
        share: Of the calls that lie below the quantile.
        level: How often each bound may be wrong.
    """
    verdict = _open(budget, level)
    then, now = _quantile(calibration, share, level), _quantile(target, share, level)
    if then is None or now is None:
        return verdict
    off = now.at - then.at
    low = off - hypot(now.at - now.low, then.high - then.at)
    high = off + hypot(now.high - now.at, then.at - then.low)
    return _decided(verdict, _Quantile(low=low, at=off, high=high))


def quantile_within(
    target: Sequence[float | None], limit: float, *, share: float = 0.95, level: float = 0.05
) -> BudgetVerdict:
    """Whether a quantile of the target's live calls is at most so many seconds."""
    verdict = _open(limit, level)
    now = _quantile(target, share, level)
    return verdict if now is None else _decided(verdict, now)


def _open(budget: float, level: float) -> BudgetVerdict:
    return BudgetVerdict(outcome="inconclusive", reason="too_few", budget=budget, level=level)


def _quantile(calls: Sequence[float | None], share: float, level: float) -> _Quantile | None:
    seconds = sorted(second for second in numbers_in(calls) if second > 0)
    place = ranks(len(seconds), share, level)
    if place.low is None or place.high is None:
        return None
    low, at, high = (log(seconds[rank - 1]) for rank in (place.low, place.at, place.high))
    return _Quantile(low=low, at=at, high=high)


def _decided(verdict: BudgetVerdict, found: _Quantile) -> BudgetVerdict:
    low, at, high = exp(found.low), exp(found.at), exp(found.high)
    budget = verdict.budget * (1 + _ROUNDING)
    outcome: Outcome = "inconclusive"
    if low > budget:
        outcome = "regression"
    elif high <= budget:
        outcome = "ok"
    reason = verdict.reason if outcome == "inconclusive" else None
    return replace(verdict, outcome=outcome, reason=reason, found=at, low=low, high=high)
