"""Makes a call as often as it takes: again after a failure, later where a server asks to wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from pytest_llmreplay.event import Attempt
from pytest_llmreplay.replay.calls.endpoint import Endpoint
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply
from pytest_llmreplay.replay.calls.retry import THROTTLED, RetryRules

from .client import Attempting
from .job import Ticket
from .lag import LagWatch
from .standing import Standing
from .throttle import Throttle

__all__ = ["Tries"]


class Tries:
    """The attempts of all calls of one target.

    Args:
        open_client: Makes the client of an endpoint, in the loop's thread.
        concurrency: Calls in flight at most.
        rules: When to try again.
        lag: Watches the loop.
    """

    def __init__(
        self,
        open_client: Callable[[Endpoint], Attempting],
        *,
        concurrency: int,
        rules: RetryRules,
        lag: LagWatch,
    ) -> None:
        self._open_client, self._rules, self._lag = open_client, rules, lag
        self._clients: dict[Endpoint, Attempting] = {}
        self._standings: defaultdict[Endpoint, Standing] = defaultdict(Standing)
        self._throttle = Throttle(concurrency, patience=rules.throttled_total)

    @property
    def silence(self) -> float:
        """Seconds since the target began to ask to wait, without one success."""
        return self._throttle.silence

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.close()

    async def call(self, ticket: Ticket, outgoing: Outgoing) -> Reply | CallFailed:
        """What came of it in the end: of its last attempt, with the earlier ones.

        Raises:
            NotRun: Nothing was sent: there is no money for it, or so many calls failed that
                this one would, too.
        """
        standing = self._standings[outgoing.endpoint]
        standing.refuse_hopeless(outgoing, ticket.job.target)
        outcome = await self._made(ticket, outgoing)
        standing.note(outcome)
        return outcome

    async def _made(self, ticket: Ticket, outgoing: Outgoing) -> Reply | CallFailed:
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
