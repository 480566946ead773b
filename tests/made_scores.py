"""Scores of events, as short as they can be written."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_llmreplay.compare.statistics.scores import EventScores

__all__ = ["Group", "held", "scores_of"]

Scores = Sequence[float | None]
Group = tuple[int, Scores, Scores]
"""How many events, and the calibration and the target of each."""


def held(passes: int, samples: int) -> tuple[float, ...]:
    """So many samples that hold, of so many."""
    return (1,) * passes + (0,) * (samples - passes)


def scores_of(*groups: Group, per_session: int = 1_000) -> list[EventScores]:
    """Events numbered from 0000, in sessions of a size."""
    each = [group for group in groups for _ in range(group[0])]
    return [
        EventScores(
            key=f"{number:04d}",
            session=f"session {number // per_session}",
            calibration=tuple(calibration),
            target=tuple(target),
        )
        for number, (_, calibration, target) in enumerate(each)
    ]
