"""`session:cost<=$0.10`, `session:tokens<=1.5x`: what all calls of a session take together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.compare.check import Finding, Pair
from pytest_llmreplay.compare.figures.measured import Measurement, Unmeasured, measured

from .budgeted import Budgeted

__all__ = ["SessionTotal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTotal(Budgeted):
    """The sum stays within its budget; one call without a figure leaves the sum unknown."""

    def judge(self, pairs: Sequence[Pair]) -> Finding:
        """Add up both sides."""
        if not pairs:
            return self.not_measured("the session has no answer")
        relative = self.budget.is_relative
        found: list[Measurement] = []
        for place, pair in enumerate(pairs):
            try:
                found += self._measured(pair, relative=relative)
            except Unmeasured as reason:
                return self.not_measured(f"call {place + 1} of {len(pairs)}: {reason}")
        then = sum(one.then or 0.0 for one in found) if relative else None
        return self.within(sum(one.now for one in found), then, [one.local for one in found])

    def _measured(self, pair: Pair, *, relative: bool) -> Iterator[Measurement]:
        """What each pair of calls took, and each call that only one side made."""
        yield measured(pair, self.figure, relative=relative)
        for event in pair.beyond:
            alone = measured(replace(pair, replayed=event), self.figure, relative=False)
            yield alone._replace(then=None)
        for event in pair.spared if relative else ():
            both = measured(replace(pair, baseline=event), self.figure, relative=True)
            yield both._replace(now=0.0)
