"""Calls of running tests, asked of a target in the place of the server that was meant."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import partial

from pytest_llmreplay.event import Event
from pytest_llmreplay.providers.conversion.policy import LossPolicy
from pytest_llmreplay.replay.money.purse import Purse
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.requests.request import prepare
from pytest_llmreplay.replay.sending.client import Client
from pytest_llmreplay.replay.targets.endpoints import Endpoints
from pytest_llmreplay.replay.targets.target import Target
from pytest_llmreplay.replay.unsent.unsendable import RECORDED_ERRORS

from .call import Aside, BlockingCall, LoopCall, Tell
from .clients import Clients
from .rerouted import Question, Rerouted

__all__ = ["Rerouter"]


class Rerouter:
    """Sends calls to one target; once each, as clients try again.

    Args:
        target: Where all calls go.
        overrides: What a person changed in every request.
        endpoints: Knows hosts and keys.
        allow: What `--llm-allow` lets through of what acts with the account.
        on_loss: Which losses of a conversion stop a call.
        concurrency: Connections at most.
        timeout: Seconds that a call may take.
        aside: Entered around a call, so that our own calls are not taken for those of a test.
        tell: Is told of each call when it is over, in whichever thread.
        purse: Has the money of the calls, where it is limited.
    """

    def __init__(
        self,
        *,
        target: Target,
        overrides: Overrides,
        endpoints: Endpoints,
        allow: Collection[str],
        on_loss: LossPolicy,
        concurrency: int,
        timeout: float,
        aside: Aside,
        tell: Tell,
        purse: Purse | None = None,
    ) -> None:
        self._target, self._overrides, self._endpoints = target, overrides, endpoints
        self._allow, self._on_loss = allow, on_loss
        self._aside, self._tell, self._purse = aside, tell, purse
        self._new_clients = partial(Clients, concurrency=concurrency, timeout=timeout)
        self._by_process: dict[int, Clients] = {}
        """Those of a process that this one was forked from stay as they are."""

    @property
    def target(self) -> str:
        """Name of the target."""
        return self._target.name

    def question(self, event: Event, *, patience: float | None = None) -> Question:
        """What the target is asked in the place of what a test asks.

        Args:
            event: The call as the client made it.
            patience: Seconds that the client waits for more of an answer.

        Raises:
            ReplayError: The call cannot be sent to the target, or there is no money for it.
            ConfigError: A key is missing, or a host is not trusted.
        """
        outgoing = prepare(
            event,
            self._target,
            self._overrides,
            self._endpoints,
            allow=(*self._allow, RECORDED_ERRORS),
            on_loss=self._on_loss,
        )
        return Question(
            event=event,
            outgoing=outgoing,
            target=self._target.name,
            patience=patience,
            reservation=None if self._purse is None else self._purse.take(outgoing),
        )

    def blocking_call(self, question: Question) -> BlockingCall | None:
        """The call of a client that waits; none where only a loop can make it.

        That is so where a user's hook made the client: it is an asynchronous one.
        """
        if question.outgoing.endpoint.client is not None:
            return None
        clients = self._clients

        def tell(rerouted: Rerouted | None) -> None:
            clients.blocking_calls.discard(call)
            self._ended(question, rerouted)

        client = clients.blocking(question.outgoing.endpoint)
        call = BlockingCall(question, client, self._aside, tell)
        clients.blocking_calls.add(call)
        return call

    def loop_call(self, question: Question) -> LoopCall:
        """The call of a client that does other things meanwhile."""
        clients = self._clients

        def client() -> Client:
            return clients.of_loop(question.outgoing.endpoint)

        return LoopCall(question, client, clients.loop, self._aside, partial(self._ended, question))

    def stop(self) -> None:
        """End all calls and close all connections; a second call does nothing."""
        self._clients.stop()

    @property
    def _clients(self) -> Clients:
        """The clients of this process."""
        found = self._by_process.get(os.getpid())
        return found or self._by_process.setdefault(os.getpid(), self._new_clients())

    def _ended(self, question: Question, rerouted: Rerouted | None) -> None:
        if self._purse is not None:
            self._purse.charge(question.reservation, None if rerouted is None else rerouted.came)
        self._tell(rerouted)
