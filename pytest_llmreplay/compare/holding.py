"""The gate of one event: how many of its samples have to hold, and when that is decided."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["HoldRule"]

_SLACK = 1e-9
"""A share such as 0.1 is not exact in binary: 0.1 of 10 samples is 1, not 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRule:
    """An event holds if enough of its samples do: k of n, a rule and not a test."""

    samples: int = 1
    """How many answers an event is judged by at most."""
    pass_rate: float = 1.0
    """Share of them that has to hold; above 0, at most 1."""

    @property
    def needed(self) -> int:
        """How many samples have to hold."""
        return max(math.ceil(self.pass_rate * self.samples - _SLACK), 1)

    def more(self, held: int, missed: int) -> int:
        """The fewest further samples that can decide, whatever they say; 0 where it is decided."""
        to_pass = self.needed - held
        to_fail = self.samples - self.needed + 1 - missed
        return max(min(to_pass, to_fail), 0)
