"""Which events got worse, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .multiple import benjamini_hochberg
from .permutation import permute
from .scores import Sides, mean, seed_of

__all__ = ["MOST_LISTED", "ChangedEvent", "changed_events"]

MOST_LISTED = 10
_LIKELY = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedEvent:
    """An event whose target did worse than its calibration."""

    key: str
    calibration_mean: float
    calibration_samples: int
    target_mean: float
    samples: int
    p: float
    """How often an unchanged model looks this bad in this event."""
    q: float
    """The same, among all events: of those listed up to it, that share is false at most."""

    @property
    def change(self) -> float:
        """Target less calibration."""
        return self.target_mean - self.calibration_mean

    @property
    def is_likely(self) -> bool:
        """Whether the event may be called changed; else it is only among those that differ most."""
        return self.q <= _LIKELY


def changed_events(events: Sequence[Sides], metric: str) -> tuple[ChangedEvent, ...]:
    """The events that got worse, most surely first, at most ten.

    An event that did not get worse counts with a p of 1, which makes no other more certain.
    """
    ps = [_p(event, metric) for event in events]
    found = [
        _described(event, p, q)
        for event, p, q in zip(events, ps, benjamini_hochberg(ps), strict=True)
        if event.change < 0
    ]
    return tuple(sorted(found, key=lambda event: (event.q, event.change, event.key))[:MOST_LISTED])


def _p(event: Sides, metric: str) -> float:
    return permute([event], seed=seed_of([event.key], metric)) if event.change < 0 else 1.0


def _described(event: Sides, p: float, q: float) -> ChangedEvent:
    return ChangedEvent(
        key=event.key,
        calibration_mean=mean(event.calibration),
        calibration_samples=len(event.calibration),
        target_mean=mean(event.target),
        samples=len(event.target),
        p=p,
        q=q,
    )
