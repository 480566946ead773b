"""The calls of one target: a feeder that prepares bodies, and workers that send them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from pytest_llmreplay.replay.calls.outgoing import Outgoing

from .job import Ticket
from .loop_thread import tell
from .tries import Tries

__all__ = ["Lane"]


class Lane:
    """All jobs of one target, in order.

    Args:
        tries: Make them.
        concurrency: Calls in flight at most.
        window: Results at most that wait to be released.
    """

    def __init__(self, tries: Tries, *, concurrency: int, window: int) -> None:
        self.tickets: deque[Ticket] = deque()
        self.tries = tries
        """Know how long the target has been asking to wait, and have its connections."""
        self._concurrency = concurrency
        self._window = window
        self._released = 0
        self._wanted = -1
        self.stays_open = False
        """Whether jobs may be added after the last one was sent."""
        self._room: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Make all calls; ends when the last one is done, unless the lane stays open."""
        if self._loop is not None:
            return  # opened while the engine was starting: it runs already
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        queue: asyncio.Queue[tuple[Ticket, Outgoing] | None] = asyncio.Queue(self._concurrency)
        workers = self._concurrency
        if not self.stays_open:
            workers = min(workers, len(self.tickets))
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed(queue, workers))
            for _ in range(workers):
                group.create_task(self._work(queue))

    def add(self, tickets: Sequence[Ticket]) -> None:
        """Send these before all others; called by any thread but the loop's."""
        self.tickets.extendleft(reversed(tickets))
        self._wake()

    def release(self) -> None:
        """Make room for one more result; called by the thread that reads them."""
        self._released += 1
        self._wake()

    def want(self, number: int) -> None:
        """Let everything up to this job through: somebody waits for it."""
        if number > self._wanted:
            self._wanted = number
            self._wake()

    def _wake(self) -> None:
        room, loop = self._room, self._loop
        # The feeder clears the event before it looks, so a wake-up is never lost.
        if room is not None and loop is not None and not room.is_set():
            tell(loop, room.set)

    def _admits(self, number: int) -> bool:
        return number < self._released + self._window or number <= self._wanted

    async def _feed(
        self, queue: asyncio.Queue[tuple[Ticket, Outgoing] | None], workers: int
    ) -> None:
        while (ticket := await self._next()) is not None:
            outgoing = _prepared(ticket)
            if outgoing is not None:
                await queue.put((ticket, outgoing))
            # Let finished calls take their next body before another one is prepared.
            await asyncio.sleep(0)
        for _ in range(workers):
            await queue.put(None)

    async def _next(self) -> Ticket | None:
        """The next job, when there is room for its result; none when no more come."""
        assert self._room is not None
        self._room.clear()
        while not (self.tickets and self._admits(self.tickets[0].number)):
            if not self.tickets and not self.stays_open:
                return None
            await self._room.wait()
            self._room.clear()
        self._room.set()
        return self.tickets.popleft()

    async def _work(self, queue: asyncio.Queue[tuple[Ticket, Outgoing] | None]) -> None:
        while (entry := await queue.get()) is not None:
            ticket, outgoing = entry
            if ticket.released:
                continue
            try:
                outcome = await self.tries.call(ticket, outgoing)
                if ticket.job.keep is not None:
                    ticket.job.keep(outcome)
                ticket.settle(outcome)
            except Exception as error:  # noqa: BLE001 - one job's error is that job's outcome
                ticket.fail(error)


def _prepared(ticket: Ticket) -> Outgoing | None:
    if ticket.released:
        return None
    try:
        prepared = ticket.job.prepare()
        if isinstance(prepared, Outgoing):
            return prepared
        ticket.settle(prepared)
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - a user's hook may raise pytest's own
        ticket.fail(error)
    return None
