"""The calls of one target: a feeder that prepares bodies, and workers that send them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from time import perf_counter

from pytest_llmreplay.errors import ReplayError
from pytest_llmreplay.event import Attempt

from .client import Attempting
from .endpoint import Endpoint
from .lag import LagWatch
from .outgoing import Outgoing
from .result import CallFailed, Reply
from .retry import THROTTLED, RetryRules
from .throttle import Throttle

__all__ = ["Job", "Lane", "Ticket"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """One call to be made."""

    target: str
    """Name of the target; calls of one name share their concurrency."""
    prepare: Callable[[], Outgoing | Reply]
    """Makes the request, or has its answer already; called in the engine's thread, shortly before
    it would be sent."""
    keep: Callable[[Reply | CallFailed], None] | None = None
    """Is told first of what came, in the engine's thread: what is paid for is kept."""
    then: Callable[[Reply], None] | None = None
    """Is told of the answer in the engine's thread, where it must not stay."""


@dataclass(slots=True, kw_only=True, eq=False)
class Ticket:
    """What the engine keeps of a job until it is released."""

    job: Job
    lane: Lane
    number: int
    """Place among the jobs that its lane began with; -1 for one that was added later."""
    released: bool = False
    _future: Future[Reply | ReplayError] | None = None

    @property
    def future(self) -> Future[Reply | ReplayError]:
        """Where the outcome goes; made when it is first asked for, as a run has many jobs."""
        with _making:
            if self._future is None:
                self._future = Future()
            return self._future

    @property
    def awaited(self) -> bool:
        """Whether anybody can be waiting for the outcome."""
        return self._future is not None

    def settle(self, outcome: Reply | ReplayError) -> None:
        """Hand the outcome over; the first one stands."""
        with suppress(InvalidStateError):
            self.future.set_result(outcome)
            if self.job.then is not None and isinstance(outcome, Reply):
                self.job.then(outcome)

    def fail(self, error: BaseException) -> None:
        """Hand an error over that is no outcome of a call, such as one of a user's hook."""
        if isinstance(error, ReplayError):
            self.settle(error)
            return
        with suppress(InvalidStateError):
            self.future.set_exception(error)


_making = Lock()


class Lane:
    """All jobs of one target, in order.

    Args:
        open_client: Makes the client of an endpoint, in the loop's thread.
        concurrency: Calls in flight at most.
        window: Results at most that wait to be released.
        rules: When to try again.
        lag: Watches the loop.
    """

    def __init__(
        self,
        open_client: Callable[[Endpoint], Attempting],
        *,
        concurrency: int,
        window: int,
        rules: RetryRules,
        lag: LagWatch,
    ) -> None:
        self.tickets: deque[Ticket] = deque()
        self._open_client = open_client
        self._clients: dict[Endpoint, Attempting] = {}
        self._concurrency = concurrency
        self._window = window
        self._rules = rules
        self._lag = lag
        self._throttle = Throttle(concurrency, patience=rules.throttled_total)
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

    @property
    def silence(self) -> float:
        """Seconds since the target began to ask to wait, without one success."""
        return self._throttle.silence

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.close()

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
        if room is not None and loop is not None and not room.is_set() and not loop.is_closed():
            loop.call_soon_threadsafe(room.set)

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
                outcome = await self._call(ticket, outgoing)
                if ticket.job.keep is not None:
                    ticket.job.keep(outcome)
                ticket.settle(outcome)
            except Exception as error:  # noqa: BLE001 - one job's error is that job's outcome
                ticket.fail(error)

    async def _call(self, ticket: Ticket, outgoing: Outgoing) -> Reply | CallFailed:
        client = self._client(outgoing)
        earlier: tuple[Attempt, ...] = ()
        failures = waits = 0
        waited = 0.0
        while True:
            began = perf_counter()
            outcome, entered = await self._attempt(client, ticket, outgoing)
            decision = self._rules.decide(
                outcome, failures=failures, waits=waits, waited=waited, number=ticket.number
            )
            throttled = decision.action == "throttled"
            if throttled:
                self._throttle.throttled(entered, decision.pause)
            elif isinstance(outcome, Reply) and outcome.status not in THROTTLED:
                self._throttle.succeeded()
            if decision.action == "keep" or (throttled and self._throttle.exhausted):
                return _with_attempts(outcome, earlier)
            earlier += (_attempt_of(outcome, perf_counter() - began),)
            failures += not throttled
            waits += throttled
            waited += decision.pause if throttled else 0.0
            await asyncio.sleep(decision.pause)

    async def _attempt(
        self, client: Attempting, ticket: Ticket, outgoing: Outgoing
    ) -> tuple[Reply | CallFailed, float]:
        entered = await self._throttle.enter()
        began = perf_counter()
        try:
            reply = await client.attempt(outgoing, target=ticket.job.target)
            return replace(reply, lag=self._lag.worst_since(began)), entered
        except CallFailed as failure:
            return failure, entered
        finally:
            self._throttle.leave()

    def _client(self, outgoing: Outgoing) -> Attempting:
        endpoint = outgoing.endpoint
        if endpoint not in self._clients:
            self._clients[endpoint] = self._open_client(endpoint)
        return self._clients[endpoint]


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


def _with_attempts(outcome: Reply | CallFailed, earlier: tuple[Attempt, ...]) -> Reply | CallFailed:
    if not earlier:
        return outcome
    if isinstance(outcome, CallFailed):
        return outcome.after(earlier)
    return replace(outcome, attempts=earlier)


def _attempt_of(outcome: Reply | CallFailed, duration: float) -> Attempt:
    if isinstance(outcome, Reply):
        return Attempt(status=outcome.status, duration=outcome.duration)
    return Attempt(status=outcome.status, duration=duration)
