"""A regression is told only when fresh answers of the recorded model bear it out.

A calibration is used again and again, so that an unlucky one would raise a false alarm in run
after run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .rules import Verdict
from .scores import EventScores

__all__ = ["confirmed", "pooled"]


def pooled(
    events: Sequence[EventScores], fresh: Mapping[str, Sequence[float | None]]
) -> list[EventScores]:
    """The events with fresh scores of the recorded model, by key, added to their calibration."""
    return [
        replace(event, calibration=(*event.calibration, *fresh.get(event.key, ())))
        for event in events
    ]


def confirmed(first: Verdict, again: Verdict, fresh: int) -> Verdict:
    """The verdict to tell, from the one that said `regression` and the one on pooled scores.

    Args:
        first: On the calibration alone.
        again: On all scores.
        fresh: Answers of the recorded model, or comparisons with such, that came in addition and
            could be measured.
    """
    again = replace(again, fresh_answers=fresh)
    if first.outcome != "regression" or again.outcome == "regression":
        return again
    return replace(again, outcome="inconclusive", reason="not_confirmed")
