"""The gate of one event: so many of its samples must hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

__all__ = ["SamplesRule"]

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesRule:
    """How many samples of an event must hold. It is a rule, and tests nothing."""

    samples: int = 1
    pass_rate: float = 1.0
    """Share of the samples that must hold, above 0 and at most 1."""

    @property
    def needed(self) -> int:
        """Samples that must hold."""
        return max(1, ceil(self.pass_rate * self.samples - _ROUNDING))

    def verdict(self, scores: Iterable[bool | None]) -> bool | None:
        """Whether the event holds; None while it is open.

        It is decided as soon as the rest cannot change it, so that the rest need not be asked
        for. A sample that could not be measured, None, neither holds nor fails: if all have come
        and it is still open, the event is not measured.
        """
        known = list(scores)
        held = sum(score is True for score in known)
        failed = sum(score is False for score in known)
        if held >= self.needed:
            return True
        return False if failed > self.samples - self.needed else None

    def deciding(self, held: int, failed: int) -> int:
        """The fewest further samples that can decide, whatever they say; 0 where it is decided."""
        to_pass = self.needed - held
        to_fail = self.samples - self.needed + 1 - failed
        return max(min(to_pass, to_fail), 0)
