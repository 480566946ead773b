"""What is said about an event that was asked several times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llmreplay.compare.outcome import Outcome

from .place import listed

__all__ = ["SamplesView", "held_words", "sample_lines"]

_HOLDS = {"changed", "ok"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplesView:
    """The answers to one event."""

    outcomes: tuple[Outcome, ...]
    """The word of each that was asked for, in this order."""
    planned: int
    """How many there would have been, had the others not decided."""
    needed: int
    """How many have to hold."""


def held_words(view: SamplesView | None) -> str:
    """` (held in 1 of 3)`, for the end of a headline; nothing for an event asked once."""
    if view is None or view.planned == 1:
        return ""
    held = sum(outcome in _HOLDS for outcome in view.outcomes)
    return f" (held in {held} of {len(view.outcomes)})"


def sample_lines(view: SamplesView | None, width: int) -> list[str]:
    """The word of each sample, and how many have to hold."""
    if view is None or view.planned == 1:
        return []
    return listed("samples", _outcome_words(view), width)


def _outcome_words(view: SamplesView) -> Iterator[str]:
    for outcome in view.outcomes:
        yield outcome.replace("_", " ")
    if left := view.planned - len(view.outcomes):
        yield f"{left} not sent"
    yield f"{view.needed} of {view.planned} have to hold"
