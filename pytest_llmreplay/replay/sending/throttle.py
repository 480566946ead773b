"""How many calls are in flight: halved when a server throttles, grown back by success."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

__all__ = ["Throttle"]


class Throttle:
    """Slots for the attempts of one target.

    Additive increase, multiplicative decrease, as congestion control does it
    (https://www.rfc-editor.org/rfc/rfc5681): one cut for all the calls that were in flight when
    the server first complained.

    Args:
        most: Slots at the start, and at most.
        patience: Seconds that a target may go on throttling without one success.
    """

    def __init__(
        self, most: int, *, patience: float = 600.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self.limit = float(most)
        self.in_flight = 0
        self._most = most
        self._patience = patience
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._cut_at = float("-inf")
        self._paused_until = float("-inf")
        self._throttled_since: float | None = None

    async def enter(self) -> float:
        """Wait for a slot; gives the moment of entry, which `throttled` asks for."""
        if not self._waiting and self.in_flight < int(self.limit):
            self.in_flight += 1
        else:
            await self._queue_up()
        now = self._clock()
        while now < self._paused_until:
            await asyncio.sleep(self._paused_until - now)
            now = self._clock()
        return now

    def leave(self) -> None:
        """Give a slot back."""
        self.in_flight -= 1
        self._hand_on()

    def throttled(self, entered: float, pause: float) -> None:
        """Note that the server complained about an attempt that entered at this moment."""
        now = self._clock()
        if self._throttled_since is None:
            self._throttled_since = now
        self._paused_until = max(self._paused_until, now + pause)
        if entered >= self._cut_at:
            self.limit = max(1.0, self.limit / 2)
            self._cut_at = now

    def succeeded(self) -> None:
        """Note an answer that was no complaint."""
        self._throttled_since = None
        if self.limit < self._most:
            self.limit = min(float(self._most), self.limit + 1 / self.limit)
            self._hand_on()

    @property
    def silence(self) -> float:
        """Seconds since the server began to throttle without one success."""
        since = self._throttled_since
        return 0.0 if since is None else self._clock() - since

    @property
    def exhausted(self) -> bool:
        """Whether the target has throttled for so long that waiting is pointless."""
        return self.silence > self._patience

    async def _queue_up(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _hand_on(self) -> None:
        while self._waiting and self.in_flight < int(self.limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
