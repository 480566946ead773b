"""What came of an event: every finding, and the one word for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .check import Aspect, Diverged, Finding, Held, NotMeasured
from .ladder import Severity, told_before

__all__ = ["OUTCOMES", "Comparison", "Judged", "Outcome"]

Outcome = Literal[
    "ok", "changed", "diverged", "error", "not_measured", "not_replayed", "not_run", "stale"
]
"""What came of an event.

* ok: every gated check holds.
* changed: as ok, but the answer differs where no check judged it.
* diverged: a gated check does not hold.
* error: no answer to compare.
* not_measured: a gated check had nothing to judge by.
* not_replayed: not sent, by decision.
* not_run: not sent, for lack of money or time.
* stale: not sent, the recording is too old.
"""

OUTCOMES: tuple[Outcome, ...] = (
    "ok",
    "changed",
    "diverged",
    "error",
    "not_measured",
    "not_replayed",
    "not_run",
    "stale",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A check and what it found."""

    finding: Finding
    gated: bool
    asked: bool

    @property
    def is_blind(self) -> bool:
        """Whether the check was asked for by name, to gate, and had nothing to judge by."""
        return self.gated and self.asked and isinstance(self.finding, NotMeasured)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All that was found about one event."""

    outcome: Outcome
    judged: tuple[Judged, ...] = ()
    unjudged: tuple[Aspect, ...] = ()
    """Where the answer differs and no gated check looked."""
    error: str | None = None
    """The server's own words, or why there is no answer."""
    fails: bool = False
    """Whether the event counts as failed."""
    severity: Severity = "identical"
    """How far the answer is from the recorded one, whether or not any check looked."""

    @property
    def diverged(self) -> tuple[Diverged, ...]:
        """Gated checks that do not hold, worst first."""
        return _worst_first(self.judged, gated=True)

    @property
    def reported(self) -> tuple[Diverged, ...]:
        """Checks that do not hold and only report, worst first."""
        return _worst_first(self.judged, gated=False)

    @property
    def held(self) -> tuple[Held, ...]:
        """Gated checks that hold."""
        return tuple(j.finding for j in self.judged if j.gated and isinstance(j.finding, Held))

    @property
    def counted_locally(self) -> bool:
        """Whether a check judged tokens that nobody reported, so that they were counted here."""
        found = (j.finding for j in self.judged)
        return any(isinstance(f, Held | Diverged) and f.counted_locally for f in found)

    @property
    def not_measured(self) -> tuple[NotMeasured, ...]:
        """Checks that had nothing to judge by; those for which the event fails come first."""
        ordered = sorted(self.judged, key=lambda judged: (not judged.is_blind, not judged.gated))
        return tuple(j.finding for j in ordered if isinstance(j.finding, NotMeasured))


def _worst_first(judged: Sequence[Judged], *, gated: bool) -> tuple[Diverged, ...]:
    found = [j.finding for j in judged if j.gated is gated and isinstance(j.finding, Diverged)]
    return tuple(sorted(found, key=lambda finding: told_before(finding.severity)))
