"""Free-running sessions: a sample is one pass through a session, and stays whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest
from operator import attrgetter

from .scores import EventScores, Sides, is_measured, mean

__all__ = ["as_passes", "whole_passes"]

_SESSION = attrgetter("session")


def whole_passes(events: Sequence[EventScores]) -> list[EventScores]:
    """The same events with the passes of their calibration that every turn was measured in.

    A pass of the target that ended early lacks its later turns, which were not measured.
    """
    kept: list[EventScores] = []
    for _, group in groupby(sorted(events, key=_SESSION), _SESSION):
        session = list(group)
        then = [
            scores for scores in _passes(session, "calibration") if all(map(is_measured, scores))
        ]
        now = _passes(session, "target")
        kept += [
            replace(
                event,
                calibration=tuple(turns[turn] for turns in then),
                target=tuple(turns[turn] for turns in now),
            )
            for turn, event in enumerate(session)
        ]
    return kept


def _passes(session: Sequence[EventScores], side: str) -> list[tuple[float | None, ...]]:
    return list(zip_longest(*(getattr(event, side) for event in session)))


def as_passes(events: Sequence[Sides]) -> list[Sides]:
    """Each session as one event, whose scores are the means of its passes.

    The turns of a pass depend on each other, so that only whole passes may be shuffled.
    """
    return list(_as_one(sorted(events, key=_SESSION)))


def _as_one(events: Sequence[Sides]) -> Iterator[Sides]:
    for name, group in groupby(events, _SESSION):
        session = list(group)
        yield Sides(
            key=name,
            session=name,
            calibration=tuple(map(mean, zip(*(e.calibration for e in session), strict=True))),
            target=tuple(map(mean, zip(*(e.target for e in session), strict=True))),
            weight=len(session),
        )
