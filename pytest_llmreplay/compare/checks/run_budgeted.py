"""What budgets over a run have in common: a verdict that may be undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.figures.call_figures import EventFigures
from pytest_llmreplay.compare.statistics.budgets import BudgetVerdict

from .budgeted import RECORDED, Budgeted

__all__ = ["RunBudgeted", "beside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBudgeted(Budgeted):
    """A figure of a run stays within its budget, as far as so many calls can tell."""

    def times(self, then: float) -> float:
        """How many times the recorded figure the limit is, the floor included."""
        return self.budget.limit(then) / then

    def decided(
        self,
        verdict: BudgetVerdict,
        now: float,
        then: float | None,
        local: Sequence[bool],
        *,
        beside: str,
    ) -> Finding:
        """The finding that a statistical verdict amounts to.

        Args:
            verdict: In dollars, seconds or tokens, or in times the recorded figure.
            now: The figure of the run.
            then: Recorded; none only where the budget does not need it.
            local: Of each event, whether its tokens were counted here.
            beside: Whose figure `then` is, in words.
        """
        if verdict.outcome != "inconclusive":
            holds = verdict.outcome == "ok"
            return self.told(now, then, local, holds=holds, beside=beside)
        unit = then if then is not None and self.budget.is_relative else 1.0
        if verdict.low is None or verdict.high is None:
            return self.not_measured("too few calls to decide")
        show, limit = self.budget.unit.show, self.budget.limit(then or 0.0)
        between = f"between {show(verdict.low * unit)} and {show(verdict.high * unit)}"
        return self.not_measured(
            f"undecided: {show(now)}, truly {between}, limit {show(limit)}; more samples decide"
        )


def beside(figures: Sequence[EventFigures]) -> str:
    """Whose figures those of a run are held against, in words."""
    asked_again = any(event.calibration for event in figures)
    return "the recorded model asked again" if asked_again else RECORDED
