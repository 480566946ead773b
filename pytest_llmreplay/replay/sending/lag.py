"""How late our own event loop is, so that nobody blames a server for it."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter

__all__ = ["LagWatch"]

PERIOD = 0.05


class LagWatch:
    """A task that wakes every 50 ms and notes how late it was woken."""

    def __init__(self) -> None:
        self._due = float("inf")
        self._seen: deque[tuple[float, float]] = deque(maxlen=20_000)

    async def watch(self) -> None:
        """Measure by how much the event loop is late, again and again until cancelled."""
        while True:
            self._due = perf_counter() + PERIOD
            await asyncio.sleep(PERIOD)
            now = perf_counter()
            self._seen.append((now, now - self._due))

    def worst_since(self, moment: float) -> float:
        """Seconds by which the loop was late at worst since a `perf_counter` moment."""
        worst = max(0.0, perf_counter() - self._due)
        for woken, late in reversed(self._seen):
            if woken < moment:
                break
            worst = max(worst, late)
        return worst
