"""Calls of running tests, asked of a target in the place of the server that was meant."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection
from functools import partial
from threading import Thread
from typing import TypeVar

from pytest_llmreplay.event import Event
from pytest_llmreplay.providers.conversion import LossPolicy

from .blocking import BlockingClient
from .bounds import Limits
from .client import Client
from .endpoint import Endpoint
from .endpoints import Endpoints
from .money.purse import Purse
from .outgoing import Outgoing
from .overrides import Overrides
from .request import prepare
from .rerouted_call import Aside, Asking, Question, Rerouted, Sending, Tell
from .targets import Target
from .unsendable import RECORDED_ERRORS

__all__ = ["Rerouter"]

_PATIENCE = 0.5
"""Seconds that calls which nobody waits for have to end."""

T = TypeVar("T")


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
        self._concurrency, self._timeout = concurrency, timeout
        self._aside, self._tell, self._purse = aside, tell, purse
        self._lock = threading.Lock()
        self._clients: dict[Endpoint, Client] = {}
        self._blocking: dict[Endpoint, BlockingClient] = {}
        self._asking: set[Asking] = set()
        self._turn = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="llmreplay-reroute", daemon=True)
        self._thread.start()

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

    def asking(self, question: Question) -> Asking | None:
        """The call of a client that waits; none where only a loop can make it.

        That is so where a user's hook made the client: it is an asynchronous one.
        """
        if question.outgoing.endpoint.client is not None:
            return None
        client = self._found(self._blocking, question.outgoing, self._blocking_client)

        def tell(rerouted: Rerouted | None) -> None:
            self._asking.discard(asking)
            self._ended(question, rerouted)

        asking = Asking(question, client, self._aside, tell)
        self._asking.add(asking)
        return asking

    def sending(self, question: Question) -> Sending:
        """The call of a client that does other things meanwhile."""

        def client() -> Client:
            return self._found(self._clients, question.outgoing, self._client)

        tell = partial(self._ended, question)
        return Sending(question, client, self._loop, self._aside, tell)

    def stop(self) -> None:
        """End all calls and close all connections; a second call does nothing."""
        if self._loop.is_closed():
            return
        for asking in list(self._asking):
            asking.leave()
        for client in self._blocking.values():
            client.close()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _ended(self, question: Question, rerouted: Rerouted | None) -> None:
        if self._purse is not None:
            self._purse.charge(question.reservation, None if rerouted is None else rerouted.came)
        self._tell(rerouted)

    def _found(
        self, known: dict[Endpoint, T], outgoing: Outgoing, make: Callable[[Outgoing], T]
    ) -> T:
        key = outgoing.endpoint
        with self._lock:
            if key not in known:
                known[key] = make(outgoing)
            return known[key]

    def _client(self, outgoing: Outgoing) -> Client:
        return Client(
            outgoing.endpoint,
            concurrency=self._concurrency,
            timeout=self._timeout,
            limits=Limits(),
            turn=self._turn,
        )

    def _blocking_client(self, outgoing: Outgoing) -> BlockingClient:
        return BlockingClient(
            outgoing.endpoint,
            concurrency=self._concurrency,
            timeout=self._timeout,
            limits=Limits(),
        )

    async def _close(self) -> None:
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        if calls:  # a client that has read its stream to the end does not wait for ours
            _, left = await asyncio.wait(calls, timeout=_PATIENCE)
            for call in left:
                call.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        for client in self._clients.values():
            await client.close()
        await asyncio.get_running_loop().shutdown_asyncgens()
        # A transport that was closed is gone only after a few rounds of its loop.
        for _ in range(3):
            await asyncio.sleep(0)
