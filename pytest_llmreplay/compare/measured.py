"""Figures of both sides of a pair, or why there is none."""

from __future__ import annotations

from pytest_llmreplay.event import Event

from .call_figures import figures_of
from .check import Pair
from .prices import unpriced

__all__ = ["CLOCKED", "Unmeasured", "recorded", "replayed"]

CLOCKED = {"latency": "duration", "ttft": "time to the first chunk"}
"""Figures that need a clock."""


class Unmeasured(ValueError):
    """There is no such figure; the words say why."""


def replayed(pair: Pair, figure: str) -> float:
    """A figure of the replayed call.

    Raises:
        Unmeasured: It has none.
    """
    if figure in CLOCKED and not pair.live:
        raise Unmeasured("a played-back answer has no latency")
    if figure in CLOCKED and pair.unmeasured is not None:
        raise Unmeasured(pair.unmeasured)
    return _measured(pair.replayed, figure, "answer")


def recorded(pair: Pair, figure: str) -> float:
    """A figure of the recorded call.

    Raises:
        Unmeasured: It has none.
    """
    return _measured(pair.baseline, figure, "recording")


def _measured(event: Event, figure: str, what: str) -> float:
    found = figures_of(event, priced=figure == "cost").of(figure)
    if found is not None:
        return found
    if figure == "cost":
        raise Unmeasured(unpriced(event))
    if figure in CLOCKED:
        raise Unmeasured(f"the {what} has no {CLOCKED[figure]}")
    raise Unmeasured(f"the {what} reports no usage")
