"""Calls that were recorded side by side, as by threads: which of them is sent first is chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pytest_llmreplay.cassette.documents.document import EventDocument

__all__ = ["steady"]


def steady(played: Sequence[EventDocument | None]) -> list[int]:
    """An order of calls that leaves those recorded side by side as they were recorded.

    Args:
        played: The recordings of calls in today's order of sending; none where one was live.

    Returns:
        Places in `played`.
    """
    order = list(range(len(played)))
    numbers = {place: one.number for place, one in enumerate(played) if one is not None}
    for places in _together(played):
        recorded = sorted(places, key=numbers.__getitem__)
        for place, one in zip(sorted(places), recorded, strict=True):
            order[place] = one
    return order


def _together(played: Sequence[EventDocument | None]) -> Iterator[list[int]]:
    """Places of recordings of which each was sent before all the earlier ones had ended."""
    spans = [(*_span(one), place) for place, one in enumerate(played) if one is not None]
    places: list[int] = []
    ended = 0.0
    for sent, end, place in sorted(spans):
        if places and sent >= ended:
            yield places
            places, ended = [], 0.0
        places.append(place)
        ended = max(ended, end)
    yield places


def _span(document: EventDocument) -> tuple[float, float]:
    """Seconds at which a recorded call was sent and had ended; at once where nobody knows."""
    at, duration = document.measured.at, document.measured.duration or 0.0
    sent = datetime.fromisoformat(at).timestamp() if at else 0.0
    return sent, sent + duration
