"""What became of a budget over a run, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_llmreplay.compare.statistics.budgets import BudgetVerdict
from pytest_llmreplay.compare.statistics.rules import FEWEST_SESSIONS

from .sanitise import safe_line
from .verdict_figures import paragraph, rare

__all__ = ["budget_lines", "times"]


def times(value: float) -> str:
    """`1.38x`, how a ratio to the recorded model is shown."""
    return f"{value:.2f}x"


def budget_lines(
    name: str,
    verdict: BudgetVerdict,
    width: int,
    *,
    show: Callable[[float], str] = times,
    fewest_live: int = 0,
) -> list[str]:
    """What a run says about one budget of one target.

    Args:
        name: Of the figure, as the check has it.
        verdict: What was decided.
        width: Columns of a line.
        show: How the figure is written, where it is an amount and no ratio.
        fewest_live: Live calls of the side that has fewer, for a quantile.
    """
    words = _Words(safe_line(name), verdict, show)
    return paragraph(words.sentences(fewest_live), width)


class _Words:
    """The sentences of one budget."""

    def __init__(self, name: str, verdict: BudgetVerdict, show: Callable[[float], str]) -> None:
        self._name, self._verdict, self._show = name, verdict, show
        self._than = " that of the recorded model" if show is times else ""

    def sentences(self, fewest_live: int) -> Iterator[str]:
        verdict = self._verdict
        if verdict.reason == "not_measured":
            yield f"{self._name} is not known on both sides of every event."
        elif verdict.reason == "too_few_sessions":
            yield f"{self._name} about other sessions takes at least {FEWEST_SESSIONS} of them."
        elif verdict.found is None and verdict.needed is not None:
            yield f"{self._name} needs {verdict.needed} live calls per side;"
            yield f"this run had {fewest_live:,}."
        else:
            yield from self._judged()

    def _judged(self) -> Iterator[str]:
        verdict, budget = self._verdict, self._show(self._verdict.budget)
        end = {
            "ok": f"the budget of {budget} is kept.",
            "regression": f"it is over the budget of {budget}.",
            "inconclusive": f"it may or may not keep the budget of {budget}.",
        }[verdict.outcome]
        yield f"{self._name} is {self._found()}{self._interval()}: {end}"
        if verdict.outcome == "regression" and verdict.p_over:
            yield f"A target that just keeps it would look this far over in {rare(verdict.p_over)}"
            yield "runs."

    def _found(self) -> str:
        found = self._verdict.found
        return "more than none" if found is None else f"{self._show(found)}{self._than}"

    def _interval(self) -> str:
        verdict = self._verdict
        if verdict.low is None or verdict.high is None:
            return ""
        sure = f"{100 * (1 - 2 * verdict.level):.0f} % interval"
        return f", truly between {self._show(verdict.low)} and {self._show(verdict.high)} ({sure})"
