"""`tokens`, `input_tokens`, `output_tokens`, `latency`, `ttft`, `cost`: no more than a budget."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.figures.measured import Unmeasured, measured

from .budgeted import Budgeted

__all__ = ["Within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Budgeted):
    """A figure of the call stays within its budget."""

    def judge(self, pair: Pair) -> Finding:
        """Compare the figure with its limit."""
        try:
            found = measured(pair, self.figure, relative=self.budget.is_relative)
        except Unmeasured as reason:
            return self.not_measured(str(reason))
        return self.within(found.now, found.then, [found.local])
