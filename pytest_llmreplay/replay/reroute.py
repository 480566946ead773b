"""Calls of running tests, asked of a target in the place of the server that was meant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Thread

from pytest_llmreplay.event import Event
from pytest_llmreplay.providers.conversion import LossPolicy
from pytest_llmreplay.providers.registry import decoder_of

from .bounds import Limits
from .client import Client, family_of
from .decode import exchange_of, replayed_event
from .endpoints import Endpoints
from .outgoing import Outgoing
from .overrides import Overrides
from .relay import Caller, Relay
from .request import prepare
from .result import CallFailed, Reply
from .targets import Target

__all__ = ["Rerouted", "Rerouter"]


_PATIENCE = 0.5
"""Seconds that calls which nobody waits for have to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted:
    """A call that was asked of the target."""

    outgoing: Outgoing
    event: Event | None
    """The call as the target had it; none where it gave no whole answer."""
    problem: CallFailed | None = None
    """Why it gave none."""


class Rerouter:
    """Sends calls to one target, from a thread of its own; once each, as clients try again.

    Args:
        target: Where all calls go.
        overrides: What a person changed in every request.
        endpoints: Knows hosts and keys.
        allow: What `--llm-allow` lets through of what acts with the account.
        on_loss: Which losses of a conversion stop a call.
        concurrency: Connections at most.
        timeout: Seconds that a call may take.
        aside: Entered around a call, so that our own calls are not taken for those of a test.
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
        aside: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self._target, self._overrides, self._endpoints = target, overrides, endpoints
        self._allow, self._on_loss = allow, on_loss
        self._concurrency, self._timeout = concurrency, timeout
        self._aside = aside
        self._clients: dict[tuple[str, str], Client] = {}
        self._turn = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="llmreplay-reroute", daemon=True)
        self._thread.start()

    def send(self, event: Event, caller: Caller) -> Future[Rerouted]:
        """Begin to ask the target what a test asks; to cancel the future hangs up.

        Args:
            event: The call as the client made it.
            caller: Gets the answer, while it comes.

        Raises:
            ReplayError: The call cannot be sent to the target.
            ConfigError: A key is missing, or a host is not trusted.
        """
        outgoing = prepare(
            event,
            self._target,
            self._overrides,
            self._endpoints,
            allow=self._allow,
            errors=True,
            on_loss=self._on_loss,
        )
        return asyncio.run_coroutine_threadsafe(self._rerouted(event, outgoing, caller), self._loop)

    def stop(self) -> None:
        """Close all connections; a second call does nothing."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _rerouted(self, event: Event, outgoing: Outgoing, caller: Caller) -> Rerouted:
        relay = Relay(event, outgoing, caller)
        try:
            with self._aside():
                reply = await self._client(outgoing).attempt(
                    outgoing, target=self._target.name, hearer=relay
                )
        except CallFailed as failure:
            relay.fail(failure)
            return Rerouted(outgoing=outgoing, event=None, problem=failure)
        return self._told(event, reply, relay)

    def _told(self, event: Event, reply: Reply, relay: Relay) -> Rerouted:
        """What came of the call; the client gets the end of its answer."""
        try:
            replayed = replayed_event(event, reply, target=self._target.name)
        except CallFailed as failure:
            relay.end(reply, decoder_of(reply.outgoing.api).response(exchange_of(reply)))
            return Rerouted(outgoing=reply.outgoing, event=None, problem=failure)
        relay.end(reply, replayed.response)
        return Rerouted(outgoing=reply.outgoing, event=replayed)

    def _client(self, outgoing: Outgoing) -> Client:
        family = family_of(outgoing.api)
        key = (outgoing.endpoint.base_url, family)
        if key not in self._clients:
            self._clients[key] = Client(
                outgoing.endpoint,
                family,
                concurrency=self._concurrency,
                timeout=self._timeout,
                limits=Limits(),
                turn=self._turn,
            )
        return self._clients[key]

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
