"""`tokens`, `input_tokens`, `output_tokens`, `latency`, `ttft`, `cost`: no more than a budget."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.answers import tokens_of
from pytest_llmreplay.compare.budget import Budget
from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.figures import ratio
from pytest_llmreplay.compare.prices import cost, unpriced
from pytest_llmreplay.event import Event

from .base import Rule

__all__ = ["FIGURES", "Within"]

FIGURES = {
    "tokens": "tokens",
    "input_tokens": "tokens",
    "output_tokens": "tokens",
    "latency": "seconds",
    "ttft": "seconds",
    "cost": "dollars",
}
"""Figures that can have a budget, with their unit."""

_CLOCKED = {"latency": "duration", "ttft": "time to the first chunk"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Rule):
    """A figure of the call stays within its budget; a missing figure is no pass."""

    figure: str
    budget: Budget

    def judge(self, pair: Pair) -> Finding:
        """Compare the figure with its limit."""
        if self.figure in _CLOCKED and (reason := _unclocked(pair)):
            return self.not_measured(reason)
        now, then = self._measure(pair.replayed), self._measure(pair.baseline)
        if now is None:
            return self.not_measured(self._missing(pair.replayed, "answer"))
        if then is None and self.budget.is_relative:
            return self.not_measured(self._missing(pair.baseline, "recording"))
        limit = self.budget.limit(then or 0.0)
        return (
            self.held(self.budget.unit.show(now)) if now <= limit else self._over(now, then, limit)
        )

    def _over(self, now: float, then: float | None, limit: float) -> Finding:
        show = self.budget.unit.show
        recorded = "" if then is None else f", recorded {show(then)}"
        more = f" ({ratio(now, then)})" if then else ""
        return self.diverged(
            f"{show(now)}{recorded}{more}, limit {show(limit)}",
            "budget",
            cause="over the budget",
        )

    def _measure(self, event: Event) -> float | None:
        if self.figure == "latency":
            return event.measured.duration
        if self.figure == "ttft":
            return event.measured.time_to_first_chunk
        return cost(event) if self.figure == "cost" else tokens_of(event, self.figure)

    def _missing(self, event: Event, what: str) -> str:
        if self.figure == "cost":
            return unpriced(event)
        if self.figure in _CLOCKED:
            return f"the {what} has no {_CLOCKED[self.figure]}"
        return f"the {what} reports no usage"


def _unclocked(pair: Pair) -> str | None:
    """Why no clock counts."""
    if pair.unmeasured is not None:
        return pair.unmeasured
    return None if pair.live else "a played-back answer has no latency"
