"""The mutation score of a set of checks: which faults in recorded answers they would miss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FAULTS", "FaultScore", "MutationScore", "Remedy"]

FAULTS = (
    "tool-dropped",
    "tool-changed",
    "broken-json",
    "refusal",
    "truncated",
    "verbose",
    "slow",
    "wording",
)
"""The simulated models whose faults only checks can tell.

An error, a cut connection and a request to wait are no matter of checks: the replay knows them.
"""

_UNSCORED = frozenset({"wording"})
"""Other words are no regression by themselves: what they are worth, a person has to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A check that would catch what was missed."""

    check: str
    catches: int
    """How many of the faults that were missed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultScore:
    """What became of one fault."""

    fault: str
    applied: int
    """Events that had something to spoil."""
    caught: int
    reported: int = 0
    """Events in which it was missed, but a check that only reports does not hold."""
    examples: tuple[str, ...] = ()
    """Node ids of the first events in which it was missed."""
    remedy: Remedy | None = None
    """None also where no check of this version would help."""

    @property
    def missed(self) -> int:
        """Events that would have passed."""
        return self.applied - self.caught

    @property
    def scored(self) -> bool:
        """Whether the fault counts for the score."""
        return self.fault not in _UNSCORED


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationScore:
    """What a set of checks is worth on some events."""

    faults: tuple[FaultScore, ...]
    events: int = 0
    """Events that faults were tried on."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Why events cannot be replayed at all → how many."""
    failing: tuple[str, ...] = ()
    """Node ids of events that fail without any fault, and so prove nothing."""

    @property
    def applied(self) -> int:
        """Faults that count."""
        return sum(one.applied for one in self.faults if one.scored)

    @property
    def caught(self) -> int:
        """Faults that count and were caught."""
        return sum(one.caught for one in self.faults if one.scored)

    @property
    def percent(self) -> float | None:
        """The score; none where no fault found anything to spoil."""
        return 100 * self.caught / self.applied if self.applied else None
