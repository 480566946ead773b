"""`run:cost<=1.1x`, `run:tokens<=50000`: what one pass over all events takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.figures.call_figures import EventFigures, Figures
from pytest_llmreplay.compare.statistics.budgets import Amounts
from pytest_llmreplay.compare.statistics.rules import RULES, GateRules
from pytest_llmreplay.compare.statistics.totals import total_ratio, total_within

from .budgeted import FIGURES
from .run_budgeted import RunBudgeted, beside

__all__ = ["RunTotal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTotal(RunBudgeted):
    """The sum over all events, of which each counts once: the mean of its samples.

    Where each event has several, how far they lie apart says whether the sum decides.
    """

    def judge(self, figures: Sequence[EventFigures], rules: GateRules = RULES) -> Finding:
        """Compare the sums; an event without a figure leaves its sum unknown."""
        if not figures:
            return self.not_measured("no event was answered")
        local = [self._is_local(event) for event in figures]
        figures = [
            event.counted_locally if here else event
            for event, here in zip(figures, local, strict=True)
        ]
        now = [self._mean(event.replayed) for event in figures]
        then = [self._mean(event.baseline) for event in figures]
        if None in now:
            return self.not_measured(f"{_how_many_known(now)} have a known {self._name}")
        if None in then and self.budget.is_relative:
            return self.not_measured(f"{_how_many_known(then)} have a known recorded {self._name}")
        before = None if None in then else _sum(then)
        if any(len(event.replayed) == 1 for event in figures):
            return self.within(_sum(now), before, local, beside=beside(figures))
        return self._decided(figures, rules, (_sum(now), before), local)

    def _is_local(self, event: EventFigures) -> bool:
        """Whether tokens are missing that were counted on this machine for all of its calls."""
        if FIGURES[self.figure] != "tokens" or self._is_known(event):
            return False
        return self._is_known(event.counted_locally)

    def _is_known(self, event: EventFigures) -> bool:
        calls = (*event.replayed, *(event.baseline if self.budget.is_relative else ()))
        return all(one.of(self.figure) is not None for one in calls)

    def _decided(
        self,
        figures: Sequence[EventFigures],
        rules: GateRules,
        sums: tuple[float, float | None],
        local: Sequence[bool],
    ) -> Finding:
        (now, then), whose = sums, beside(figures)
        amounts = [self._amounts(event) for event in figures]
        if not self.budget.is_relative:
            verdict = total_within(amounts, self.budget.limit(0.0), rules)
        elif then:
            exact = any(len(event.baseline) == 1 for event in figures)
            verdict = total_ratio(amounts, self.times(then), rules, exact=exact)
        else:
            return self.within(now, then, local, beside=whose)
        return self.decided(verdict, now, then, local, beside=whose)

    def _amounts(self, event: EventFigures) -> Amounts:
        return Amounts(
            key=event.key,
            session=event.session or event.key,
            calibration=tuple(one.of(self.figure) for one in event.baseline),
            target=tuple(one.of(self.figure) for one in event.replayed),
        )

    @property
    def _name(self) -> str:
        return (
            self.figure if self.figure == "cost" else f"number of {self.figure.replace('_', ' ')}"
        )

    def _mean(self, samples: Sequence[Figures]) -> float | None:
        known = [one for sample in samples if (one := sample.of(self.figure)) is not None]
        return fmean(known) if known and len(known) == len(samples) else None


def _sum(known: Sequence[float | None]) -> float:
    return sum(one for one in known if one is not None)


def _how_many_known(known: Sequence[float | None]) -> str:
    return f"only {len(known) - known.count(None):,} of {len(known):,} events"
