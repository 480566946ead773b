"""What a budget over a run is judged by, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from .rules import Outcome, Reason, Scope

__all__ = ["Amounts", "BudgetVerdict", "numbers_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """A figure of one event: tokens, dollars or seconds, per sample; None was not measured."""

    key: str
    session: str
    calibration: tuple[float | None, ...] = ()
    target: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetVerdict:
    """What a run says about a budget; `regression` is over it."""

    outcome: Outcome
    reason: Reason | None = None
    scope: Scope = "events"
    budget: float
    """Times the calibration's figure, or an amount where there is nothing to divide by."""
    found: float | None = None
    """In the same terms."""
    low: float | None = None
    high: float | None = None
    """The interval of the true figure, at `level` per side."""
    level: float
    p_over: float | None = None
    """How often a target that keeps the budget exactly looks this far over it."""


def numbers_in(values: Iterable[float | None]) -> tuple[float, ...]:
    """The figures that are there and are numbers."""
    return tuple(value for value in values if value is not None and isfinite(value))
