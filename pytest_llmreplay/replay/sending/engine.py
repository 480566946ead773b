"""Sends many calls at once from a thread of its own, and hands each result to whoever waits.

One daemon thread runs one asyncio loop. Per target there is a lane: a feeder that prepares the
next bodies while workers wait for answers, so that nothing stands between a free slot and the
next request. The thread that asks for a result does the rest: decoding, comparing, reporting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import groupby
from typing import Self

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.calls.retry import RetryRules
from pytest_llmreplay.replay.money.spender import Spender

from .bounds import Limits
from .client import Attempting, Client
from .job import Job, Ticket
from .lag import LagWatch
from .lane import Lane
from .loop_thread import STOPPED, LoopThread
from .own_sender import load_library
from .paid_client import PaidClient
from .tries import Tries

__all__ = ["WINDOW", "Engine"]

WINDOW = 16
"""Unreported results per worker."""

LOOK = 1.0
"""Seconds between two looks at the thread while a result is awaited."""


class Engine:
    """Sends jobs and keeps their results until they are released.

    Args:
        concurrency: Calls in flight per target.
        timeout: Seconds per attempt, for the whole answer.
        rules: When to try again; `RetryRules(retries=…)`.
        window: Results per target that may wait to be released; 16 per call in flight by
            default. It is the most that a stop can have paid in vain.
        limits: How much a server may answer.
        spender: Is asked before each attempt, where money is limited.
        aside: Entered by the thread, so that its calls are not taken for those of a test.
        waits: Is told, by the thread that waits for a result, of a target that asks to wait, and
            for how many seconds it has done nothing else.
    """

    def __init__(
        self,
        *,
        concurrency: int = 16,
        timeout: float = 600.0,
        rules: RetryRules | None = None,
        window: int | None = None,
        limits: Limits | None = None,
        spender: Spender | None = None,
        aside: Callable[[], AbstractContextManager[object]] = nullcontext,
        waits: Callable[[str, float], None] = lambda _target, _seconds: None,
    ) -> None:
        self._concurrency = concurrency
        self._timeout = timeout
        self._rules = rules or RetryRules()
        self.window = window or WINDOW * concurrency
        """Results per target that may wait to be released."""
        self._limits = limits or Limits()
        self._spender = spender
        self._waits = waits
        self._thread = LoopThread(aside)
        self._lag = LagWatch()
        self._turn = asyncio.Lock()
        self._tickets: dict[Job, Ticket] = {}
        self._lanes: dict[str, Lane] = {}
        self._arrived: Callable[[Job], None] | None = None
        self._group: asyncio.TaskGroup | None = None
        self._ended: str | None = None

    def start(self, jobs: Iterable[Job], *, arrived: Callable[[Job], None] | None = None) -> None:
        """Begin to send, in the order given; returns at once.

        Args:
            jobs: Calls to be made.
            arrived: Is told of each job that has an outcome, in any thread. With it the engine
                runs until it is stopped, and takes further jobs.
        """
        if self._thread.started:
            raise RuntimeError("the engine was started before")
        self._arrived = arrived
        for job in jobs:
            lane = self._lane(job.target)
            lane.tickets.append(self._ticket(job, len(lane.tickets)))
        self._thread.start(self._send, close=self._close, ended=self._end)

    def add(self, jobs: Sequence[Job]) -> None:
        """Send further jobs before all others of their target; `start` had to know `arrived`."""
        for target, added in groupby(jobs, key=lambda job: job.target):
            lane = self._lanes.get(target) or self._open_lane(target)
            tickets = [self._ticket(job, -1) for job in added]
            lane.add(tickets)
            if self._over():
                for ticket in tickets:
                    ticket.settle(self._never_made(ticket))

    def want(self, job: Job) -> None:
        """Let everything up to this job through: somebody waits for it."""
        if ticket := self._tickets.get(job):
            self._lanes[job.target].want(ticket.number)

    def result(self, job: Job) -> Reply | ReplayError:
        """Wait for a job's outcome.

        Raises:
            LookupError: The job is unknown, or was released.
            Exception: What `prepare` raised, where it was no `ReplayError`.
        """
        ticket = self._tickets.get(job)
        if ticket is None:
            raise LookupError("the engine does not have this job, or not any more")
        lane = self._lanes[job.target]
        lane.want(ticket.number)
        future = ticket.future
        while not future.done():
            if self._over():
                ticket.settle(self._never_made(ticket))
            else:
                _wait(future)
                self._waits(job.target, lane.tries.silence)
        return future.result()

    def came(self, job: Job) -> Reply | ReplayError | None:
        """A job's outcome, if there is one by now."""
        ticket = self._tickets.get(job)
        if ticket is None or not ticket.awaited:
            return None
        future = ticket.future
        return future.result() if future.done() and future.exception() is None else None

    def release(self, job: Job) -> None:
        """Forget a job's result, and make room for another; a job not yet sent is not sent."""
        ticket = self._tickets.pop(job, None)
        if ticket is not None:
            ticket.released = True
            if ticket.number >= 0:
                self._lanes[job.target].release()

    def stop(self, limit: float = 5.0) -> None:
        """End all calls; results that came stay readable, the others fail.

        Args:
            limit: Seconds to wait for the thread; it is a daemon and keeps no process alive.
        """
        self._thread.stop(limit)
        if self._thread.started:
            self._end(STOPPED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _ticket(self, job: Job, number: int) -> Ticket:
        self._tickets[job] = ticket = Ticket(job=job, number=number)
        if (arrived := self._arrived) is not None:
            ticket.future.add_done_callback(lambda _: arrived(job))
        return ticket

    def _open_lane(self, target: str) -> Lane:
        lane, group = self._lane(target), self._group
        if group is not None:
            self._thread.soon(lambda: group.create_task(lane.run()))
        return lane

    def _lane(self, target: str) -> Lane:
        if target not in self._lanes:
            tries = Tries(
                self._open_client,
                concurrency=self._concurrency,
                rules=self._rules,
                lag=self._lag,
            )
            lane = Lane(tries, concurrency=self._concurrency, window=self.window)
            lane.stays_open = self._arrived is not None
            self._lanes[target] = lane
        return self._lanes[target]

    def _open_client(self, endpoint: Endpoint) -> Attempting:
        client = Client(
            endpoint,
            concurrency=self._concurrency,
            timeout=self._timeout,
            limits=self._limits,
            turn=self._turn,
        )
        return client if self._spender is None else PaidClient(client, self._spender)

    async def _send(self) -> None:
        load_library()
        watch = asyncio.create_task(self._lag.watch())
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                if self._arrived is not None:
                    group.create_task(asyncio.Event().wait())  # until it is stopped
                for lane in list(self._lanes.values()):
                    group.create_task(lane.run())
        finally:
            watch.cancel()

    async def _close(self) -> None:
        for lane in self._lanes.values():
            await lane.tries.close()

    def _over(self) -> bool:
        if self._ended is None and not self._thread.is_alive():
            self._ended = "the replay engine is not running"
        return self._ended is not None

    def _end(self, cause: str) -> None:
        # Set before the look: whoever begins to wait from now on finds the cause by itself.
        self._ended = self._ended or cause
        for ticket in list(self._tickets.values()):
            if ticket.awaited:
                ticket.settle(self._never_made(ticket))

    def _never_made(self, ticket: Ticket) -> CallFailed:
        return CallFailed(self._ended or "", kind="stopped", target=ticket.job.target)


def _wait(future: Future[Reply | ReplayError]) -> None:
    with suppress(TimeoutError):
        future.exception(timeout=LOOK)
