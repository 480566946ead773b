"""`run:latency.p95<=1.2x`, `run:ttft.p50<=1s`: how long calls take, but for the slowest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pytest_llmreplay.compare.check import Finding
from pytest_llmreplay.compare.figures.call_figures import EventFigures, Figures, percentile
from pytest_llmreplay.compare.statistics.quantiles import (
    fewest_calls,
    quantile_ratio,
    quantile_within,
)
from pytest_llmreplay.compare.statistics.rules import RULES, GateRules
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec, moved
from pytest_llmreplay.compare.syntax.budget import UNITS, parse_budget

from .budgeted import FIGURES
from .run_budgeted import RunBudgeted, beside

__all__ = ["RunPercentile"]

_PERCENTILE = re.compile(r"\.p([5-9][0-9])(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPercentile(RunBudgeted):
    """A percentile of the live calls stays within its budget; too few calls have none."""

    share: float

    @classmethod
    def read(cls, figure: str, written: str, **asked: Any) -> Self:
        """Read what stands behind the name of the figure.

        Raises:
            BadSpec: It is no percentile with a budget.
        """
        found = _PERCENTILE.match(written)
        if found is None:
            raise BadSpec(f"a percentile follows here: {figure}.p50 to {figure}.p99")
        with moved(found.end()):
            budget = parse_budget(written[found.end() :], UNITS[FIGURES[figure]])
        return cls(figure=figure, budget=budget, share=int(found[1]) / 100, **asked)

    def judge(self, figures: Sequence[EventFigures], rules: GateRules = RULES) -> Finding:
        """Compare the percentiles."""
        now = self._known(sample for event in figures for sample in event.replayed)
        then = self._known(sample for event in figures for sample in event.baseline)
        need = fewest_calls(self.share, rules.alpha)
        few = [(now, "this run had"), *([(then, "the recording has")] * self.budget.is_relative)]
        per_side = " per side" * self.budget.is_relative
        for calls, who in few:
            if len(calls) < need:
                needs = f"p{self.share * 100:.0f} needs {need} live calls{per_side}"
                return self.not_measured(f"{needs}; {who} {len(calls):,}")
        return self._decided(now, then, rules.alpha, beside(figures))

    def _decided(
        self, now: Sequence[float], then: Sequence[float], level: float, whose: str
    ) -> Finding:
        found = percentile(now, self.share)
        before = percentile(then, self.share) if then else None
        if not self.budget.is_relative:
            limit = self.budget.limit(0.0)
            verdict = quantile_within(now, limit, share=self.share, level=level)
        elif before:
            times = self.times(before)
            verdict = quantile_ratio(then, now, times, share=self.share, level=level)
        else:
            return self.within(found, before, (), beside=whose)
        return self.decided(verdict, found, before, (), beside=whose)

    def _known(self, samples: Iterable[Figures]) -> list[float]:
        found = (sample.of(self.figure) for sample in samples)
        return [one for one in found if one is not None]
