"""`tokens`, `input_tokens`, `output_tokens`, `latency`, `ttft`, `cost`: no more than a budget."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.measured import Unmeasured, recorded, replayed

from .budgeted import Budgeted

__all__ = ["Within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(Budgeted):
    """A figure of the call stays within its budget."""

    def judge(self, pair: Pair) -> Finding:
        """Compare the figure with its limit."""
        try:
            now = replayed(pair, self.figure)
            return self.within(now, self._recorded(pair))
        except Unmeasured as reason:
            return self.not_measured(str(reason))

    def _recorded(self, pair: Pair) -> float | None:
        if self.budget.is_relative:
            return recorded(pair, self.figure)
        with suppress(Unmeasured):
            return recorded(pair, self.figure)
        return None
