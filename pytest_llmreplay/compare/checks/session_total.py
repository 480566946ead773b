"""`session:cost<=$0.10`, `session:tokens<=1.5x`: what all calls of a session take together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.measured import Unmeasured, recorded, replayed

from .budgeted import Budgeted

__all__ = ["SessionTotal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTotal(Budgeted):
    """The sum stays within its budget; one call without a figure leaves the sum unknown."""

    def judge(self, pairs: Sequence[Pair]) -> Finding:
        """Add up both sides."""
        if not pairs:
            return self.not_measured("the session has no answer")
        now = then = 0.0
        for place, pair in enumerate(pairs):
            try:
                now += replayed(pair, self.figure)
                then += recorded(pair, self.figure) if self.budget.is_relative else 0.0
            except Unmeasured as reason:
                return self.not_measured(f"call {place + 1} of {len(pairs)}: {reason}")
        return self.within(now, then if self.budget.is_relative else None)
