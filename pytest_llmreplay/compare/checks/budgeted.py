"""What checks with a budget have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.figures.numbers import ratio
from pytest_llmreplay.compare.syntax.bad_spec import moved
from pytest_llmreplay.compare.syntax.budget import UNITS, Budget, parse_budget

from .base import Rule

__all__ = ["FIGURES", "RECORDED", "Budgeted", "budget_of"]

FIGURES = {
    "tokens": "tokens",
    "input_tokens": "tokens",
    "output_tokens": "tokens",
    "latency": "seconds",
    "ttft": "seconds",
    "cost": "dollars",
}
"""Figures that can have a budget, with their unit."""


def budget_of(figure: str, written: str) -> Budget:
    """The budget in `tokens<=1.3x`, behind the name of its figure.

    Raises:
        BadSpec: There is none.
    """
    with moved(len(figure)):
        return parse_budget(written.removeprefix(figure), UNITS[FIGURES[figure]])


RECORDED = "recorded"
"""What a figure is held against."""

_BY = {True: ", counted locally", False: ", partly counted locally"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgeted(Rule):
    """A figure stays within its budget; a missing figure is no pass."""

    figure: str
    budget: Budget

    def within(
        self,
        now: float,
        then: float | None,
        local: Sequence[bool],
        *,
        beside: str = RECORDED,
    ) -> Finding:
        """Compare a figure with its limit.

        Args:
            now: Of the replay.
            then: Recorded; none only where the budget does not need it.
            local: Of each call, whether its tokens were counted here, as nobody reported them.
            beside: Whose figure `then` is, in words.
        """
        holds = now <= self.budget.limit(then or 0.0)
        return self.told(now, then, local, holds=holds, beside=beside)

    def told(
        self,
        now: float,
        then: float | None,
        local: Sequence[bool],
        *,
        holds: bool,
        beside: str = RECORDED,
    ) -> Finding:
        """The finding about a figure, with all that a reader needs to judge the budget."""
        show = self.budget.unit.show
        by = _BY[all(local)] if any(local) else ""
        if holds:
            held = self.held(f"{show(now)}{by}")
            return replace(held, counted_locally=True) if by else held
        recorded = "" if then is None else f", {beside} {show(then)}"
        more = f" ({ratio(now, then)})" if then else ""
        found = self.diverged(
            f"{show(now)}{recorded}{more}, limit {show(self.budget.limit(then or 0.0))}{by}",
            "budget",
            cause="over the budget",
        )
        return replace(found, counted_locally=True) if by else found
